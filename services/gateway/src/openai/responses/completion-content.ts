import { isRecord, readMessageText } from '@prodigon/contracts';
import type { Completion, ContentEvent } from '@prodigon/ports';

/** Returns the content of a completion as content events. */
export function contentOfCompletion({ body, choice = firstChoice(body) }: Pick<Completion, 'body' | 'choice'>): ContentEvent[] {
  if (!isRecord(choice) || !isRecord(choice.message)) return [];
  const { message, logprobs } = choice;
  const { content, reasoning, refusal } = readMessageText(message);
  const tokens = isRecord(logprobs) ? listOf(logprobs.content) : [];
  return [
    ...(reasoning ? [{ type: 'reasoning', text: reasoning } as const] : []),
    ...(content ? [{ type: 'text', text: content, ...(tokens.length > 0 && { logprobs: tokens }) } as const] : []),
    ...(refusal ? [{ type: 'refusal', text: refusal } as const] : []),
    ...listOf(message.annotations)
      .filter(isRecord)
      .map((annotation) => ({ type: 'annotation', annotation }) as const),
    ...listOf(message.tool_calls).flatMap(toCallEvent),
  ];
}

function firstChoice(body: string): unknown {
  const { choices } = JSON.parse(body) as { choices?: unknown };
  return Array.isArray(choices) ? choices[0] : undefined;
}

function toCallEvent(call: unknown, index: number): ContentEvent[] {
  const { id, function: called } = call as { id: string; function?: { name: string; arguments: string } };
  return called ? [{ type: 'tool_call', index, id, name: called.name, argumentsDelta: called.arguments }] : [];
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
