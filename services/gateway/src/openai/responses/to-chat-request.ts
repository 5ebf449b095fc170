import { type ChatRequest, MESSAGES_MAX } from '@prodigon/contracts';
import { nextTurn } from '@prodigon/platform';
import { type ChatMessage, createConversation } from './conversation.ts';
import { addItem } from './input-items.ts';
import type { RequestTools } from './request-tools.ts';
import { type ResponsesRequest, type TextFormat, unsupportedFieldError } from './responses-request.ts';
import type { ToolNames } from './tool-names.ts';

/**
 * Fields of the Responses API that are translated below or have no meaning for a chat completion, and fields of chat
 * completions whose results a response cannot hold: further choices and calls in the legacy format.
 */
const OMITTED_FIELDS = new Set([
  'access_programs',
  'background',
  'client_metadata',
  'context_management',
  'conversation',
  'function_call',
  'functions',
  'image',
  'include',
  'input',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'moderation',
  'n',
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

/**
 * Translates a request of the Responses API into a chat completion request. Throws `BAD_REQUEST` with the field's name
 * for anything that needs a stored response or a tool that runs at OpenAI.
 */
export function toChatRequest(request: ResponsesRequest, tools: RequestTools): ChatRequest {
  rejectStoredFields(request);
  const { max_output_tokens, text, reasoning } = request;
  const others = Object.entries(request).filter(([name, value]) => !OMITTED_FIELDS.has(name) && value !== null);
  return {
    ...Object.fromEntries(others),
    messages: toChatMessages(request, tools.names) as ChatRequest['messages'],
    ...(typeof max_output_tokens === 'number' && { max_tokens: max_output_tokens }),
    ...tools.chatFields,
    ...toLogprobs(request),
    ...toResponseFormat(text?.format),
    ...(text?.verbosity && { verbosity: text.verbosity }),
    ...(reasoning?.effort && { reasoning_effort: reasoning.effort }),
  };
}

/** A longer input is translated in its own turn of the event loop, between validation and the call of the model. */
const ITEMS_PER_TURN = 1_000;

/** Translates a request as `toChatRequest` does, without blocking the event loop for long. */
export async function toChatRequestInTurns(request: ResponsesRequest, tools: RequestTools): Promise<ChatRequest> {
  if (typeof request.input === 'string' || request.input.length <= ITEMS_PER_TURN) return toChatRequest(request, tools);
  await nextTurn();
  const chat = toChatRequest(request, tools);
  await nextTurn();
  return chat;
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

/** Returns the fields that request log probabilities. OpenAI requires `logprobs` together with `top_logprobs`. */
function toLogprobs({ include, top_logprobs }: ResponsesRequest): { logprobs?: boolean; top_logprobs?: number } {
  const isIncluded = include?.includes('message.output_text.logprobs') === true;
  if (!isIncluded && !top_logprobs) return {};
  return { logprobs: true, ...(typeof top_logprobs === 'number' && { top_logprobs }) };
}

function toResponseFormat(format: TextFormat | null | undefined): Pick<ChatRequest, 'response_format'> {
  if (!format || format.type === 'text') return {};
  if (format.type === 'json_object') return { response_format: { type: 'json_object' } };
  const { name, schema, description, strict } = format;
  const json_schema = { name, schema, ...(description && { description }), ...(typeof strict === 'boolean' && { strict }) };
  return { response_format: { type: 'json_schema', json_schema } };
}

/** Returns the instructions and the conversation as chat messages. Throws `BAD_REQUEST` for items without a counterpart. */
function toChatMessages({ instructions, input }: ResponsesRequest, names: ToolNames): ChatMessage[] {
  const conversation = createConversation();
  if (instructions) conversation.addMessage('system', instructions);
  if (typeof input === 'string') conversation.addMessage('user', input);
  else for (const [index, item] of input.entries()) addItem(item, { conversation, names, at: `input[${index}]` });
  const messages = conversation.end();
  if (messages.length === 0) throw unsupportedFieldError('input', 'The input contains no messages. Send at least one.');
  if (messages.length > MESSAGES_MAX)
    throw unsupportedFieldError('input', `The input has more than ${MESSAGES_MAX} messages. Send a shorter conversation.`);
  return messages;
}
