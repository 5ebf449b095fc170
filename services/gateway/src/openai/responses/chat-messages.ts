import { z } from 'zod';
import { readField, unsupported } from './read-field.ts';
import type { ResponsesRequest } from './responses-request.ts';

/** A message of a chat completion: providers know more fields than we do. */
export interface ChatMessage {
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
  image_url: z.string({ error: 'Images are taken by URL: https: or data:' }).min(1),
  detail: z.enum(['auto', 'low', 'high', 'original']).nullish(),
});

/** The conversation of a request as chat messages, its instructions first. Throws `BAD_REQUEST` for what has no counterpart. */
export function toChatMessages({ instructions, input }: ResponsesRequest): ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (instructions) messages.push({ role: 'system', content: instructions });
  if (typeof input === 'string') messages.push({ role: 'user', content: input });
  else for (const [index, item] of input.entries()) addItem(messages, item, `input[${index}]`);
  if (messages.length === 0) throw unsupported('input', 'The input holds nothing to answer: send at least one message.');
  return messages;
}

function addItem(messages: ChatMessage[], item: InputItem, at: string): void {
  const type = item.type ?? 'message';
  switch (type) {
    case 'message': {
      const { role, content } = readField(messageSchema, item, at);
      messages.push(toChatMessage(role, content, `${at}.content`));
      return;
    }
    case 'function_call': {
      const { call_id, name, arguments: given } = readField(functionCallSchema, item, at);
      const call = { id: call_id, type: 'function', function: { name, arguments: given } };
      // What one turn of the assistant did is one message in a chat, however many items it is here.
      const last = messages.at(-1);
      if (last?.role === 'assistant') last.tool_calls = [...(last.tool_calls ?? []), call];
      else messages.push({ role: 'assistant', content: null, tool_calls: [call] });
      return;
    }
    case 'function_call_output': {
      const { call_id, output } = readField(functionOutputSchema, item, at);
      const content = textOf(toChatParts(output, `${at}.output`), `${at}.output`);
      messages.push({ role: 'tool', tool_call_id: call_id, content });
      return;
    }
    case 'reasoning':
      // What a model thought earlier is not part of a chat: providers drop it or refuse it.
      return;
    case 'item_reference':
      throw unsupported(`${at}.type`, 'Responses are not stored here, so an item cannot be referred to. Send the item itself.');
    default:
      throw unsupported(`${at}.type`, `Items of the type ${JSON.stringify(type)} are not taken here.`);
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
        return { type: 'text', text: readField(textPartSchema, part, partAt).text };
      case 'refusal':
        return { type: 'text', text: readField(refusalPartSchema, part, partAt).refusal };
      case 'input_image': {
        const { image_url: url, detail } = readField(imagePartSchema, part, partAt);
        return { type: 'image_url', image_url: { url, ...(detail && { detail: detail === 'original' ? 'high' : detail }) } };
      }
      default:
        throw unsupported(`${partAt}.type`, `Content of the type ${JSON.stringify(part.type)} is not taken here.`);
    }
  });
}

/** As one text, which is all that providers agree on for who is not the user. */
function textOf(parts: readonly ChatPart[], at: string): string {
  return parts
    .map((part, index) => {
      if (part.type === 'text') return part.text;
      throw unsupported(`${at}[${index}].type`, 'Images are taken in messages of the user only.');
    })
    .join('\n');
}
