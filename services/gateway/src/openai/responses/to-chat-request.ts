import type { ChatRequest } from '@prodigon/contracts';
import { z } from 'zod';
import { toChatTools } from './request-tools.ts';
import { parseField, type ResponsesRequest, type TextFormat, unsupportedFieldError } from './responses-request.ts';

/** Fields of the Responses API that are translated below or have no meaning for a chat completion. */
const RESPONSES_ONLY_FIELDS = new Set([
  'access_programs',
  'background',
  'context_management',
  'conversation',
  'image',
  'include',
  'input',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'moderation',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt',
  'prompt_cache_options',
  'reasoning',
  'store',
  'stream',
  'stream_options',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'truncation',
]);

/** Fields that refer to objects stored at OpenAI. */
const STORED_FIELDS = ['previous_response_id', 'conversation', 'prompt'] as const;

/** A message of a chat completion with the fields that the contracts' schema does not list. */
interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | ChatPart[] | null;
  tool_calls?: unknown[];
  tool_call_id?: string;
}
type ChatPart = { type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string; detail?: string } };
type InputItem = Exclude<ResponsesRequest['input'], string>[number];

const contentSchema = z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]);
const messageSchema = z.object({ role: z.enum(['user', 'assistant', 'system', 'developer']), content: contentSchema });
const functionCallSchema = z.object({ call_id: z.string().min(1), name: z.string().min(1), arguments: z.string() });
const functionOutputSchema = z.object({ call_id: z.string().min(1), output: contentSchema });
const textPartSchema = z.object({ text: z.string() });
const refusalPartSchema = z.object({ refusal: z.string() });
const imagePartSchema = z.object({
  image_url: z.string({ error: 'Send the image as an https: or data: URL' }).min(1),
  detail: z.enum(['auto', 'low', 'high', 'original']).nullish(),
});

/**
 * Translates a request of the Responses API into a chat completion request. Throws `BAD_REQUEST` with the field's name
 * for anything that needs a stored response or a tool that runs at OpenAI.
 */
export function toChatRequest(request: ResponsesRequest): ChatRequest {
  rejectStoredFields(request);
  const { max_output_tokens, text, reasoning } = request;
  const others = Object.entries(request).filter(([name, value]) => !RESPONSES_ONLY_FIELDS.has(name) && value !== null);
  return {
    ...Object.fromEntries(others),
    messages: toChatMessages(request) as ChatRequest['messages'],
    ...(typeof max_output_tokens === 'number' && { max_tokens: max_output_tokens }),
    ...toChatTools(request),
    ...toResponseFormat(text?.format),
    ...(text?.verbosity && { verbosity: text.verbosity }),
    ...(reasoning?.effort && { reasoning_effort: reasoning.effort }),
  };
}

function rejectStoredFields(request: ResponsesRequest): void {
  for (const name of STORED_FIELDS) {
    if (request[name] === undefined || request[name] === null) continue;
    throw unsupportedFieldError(name, `Responses are not stored. Omit ${name} and send the whole conversation as input.`);
  }
  if (request.background) {
    throw unsupportedFieldError(
      'background',
      'Responses are not stored, so background mode is not supported. Omit background and wait for the response.',
    );
  }
}

function toResponseFormat(format: TextFormat | null | undefined): { response_format?: unknown } {
  if (!format || format.type === 'text') return {};
  if (format.type === 'json_object') return { response_format: { type: 'json_object' } };
  const { name, schema, description, strict } = format;
  const json_schema = { name, schema, ...(description && { description }), ...(typeof strict === 'boolean' && { strict }) };
  return { response_format: { type: 'json_schema', json_schema } };
}

/** Returns the instructions and the conversation as chat messages. Throws `BAD_REQUEST` for items without a counterpart. */
function toChatMessages({ instructions, input }: ResponsesRequest): ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (instructions) messages.push({ role: 'system', content: instructions });
  if (typeof input === 'string') messages.push({ role: 'user', content: input });
  else for (const [index, item] of input.entries()) addItem(messages, item, `input[${index}]`);
  if (messages.length === 0) throw unsupportedFieldError('input', 'The input contains no messages. Send at least one.');
  return messages;
}

function addItem(messages: ChatMessage[], item: InputItem, at: string): void {
  const type = item.type ?? 'message';
  switch (type) {
    case 'message': {
      const { role, content } = parseField(messageSchema, item, at);
      messages.push(toChatMessage(role, content, `${at}.content`));
      return;
    }
    case 'function_call': {
      const { call_id, name, arguments: callArguments } = parseField(functionCallSchema, item, at);
      const call = { id: call_id, type: 'function', function: { name, arguments: callArguments } };
      // A chat has one message per turn of the assistant, while the Responses API has an item for each call.
      const last = messages.at(-1);
      if (last?.role === 'assistant') last.tool_calls = [...(last.tool_calls ?? []), call];
      else messages.push({ role: 'assistant', content: null, tool_calls: [call] });
      return;
    }
    case 'function_call_output': {
      const { call_id, output } = parseField(functionOutputSchema, item, at);
      const content = textOf(toChatParts(output, `${at}.output`), `${at}.output`);
      messages.push({ role: 'tool', tool_call_id: call_id, content });
      return;
    }
    case 'reasoning':
      // Chat completions have no field for earlier reasoning; providers ignore or reject it.
      return;
    case 'item_reference':
      throw unsupportedFieldError(`${at}.type`, 'Responses are not stored, so items cannot be referenced. Send the item itself.');
    default:
      throw unsupportedFieldError(`${at}.type`, `Items of the type ${JSON.stringify(type)} are not supported.`);
  }
}

function toChatMessage(
  role: z.infer<typeof messageSchema>['role'],
  content: z.infer<typeof contentSchema>,
  at: string,
): ChatMessage {
  const parts = toChatParts(content, at);
  if (role !== 'user') return { role: role === 'assistant' ? 'assistant' : 'system', content: textOf(parts, at) };
  const [first] = parts;
  return { role, content: parts.length === 1 && first?.type === 'text' ? first.text : parts };
}

function toChatParts(content: z.infer<typeof contentSchema>, at: string): ChatPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part, index): ChatPart => {
    const partAt = `${at}[${index}]`;
    switch (part.type) {
      case 'input_text':
      case 'output_text':
      case 'text':
        return { type: 'text', text: parseField(textPartSchema, part, partAt).text };
      case 'refusal':
        return { type: 'text', text: parseField(refusalPartSchema, part, partAt).refusal };
      case 'input_image': {
        const { image_url: url, detail } = parseField(imagePartSchema, part, partAt);
        return { type: 'image_url', image_url: { url, ...(detail && { detail: detail === 'original' ? 'high' : detail }) } };
      }
      default:
        throw unsupportedFieldError(`${partAt}.type`, `Content of the type ${JSON.stringify(part.type)} is not supported.`);
    }
  });
}

/** Joins the parts into one text: in messages of other roles than the user, not every provider accepts parts. */
function textOf(parts: readonly ChatPart[], at: string): string {
  return parts
    .map((part, index) => {
      if (part.type === 'text') return part.text;
      throw unsupportedFieldError(`${at}[${index}].type`, 'Images are supported in user messages only.');
    })
    .join('\n');
}
