import { isRecord, isText, readMessageText } from '@prodigon/contracts';
import type { Completion, ContentEvent } from '@prodigon/ports';

/** The log probability of a token in the format of the Responses API. */
export interface TokenLogprob {
  token: string;
  logprob: number;
  bytes: number[];
  top_logprobs: { token: string; logprob: number; bytes: number[] }[];
}

/** A reference in a text in the format of the Responses API. */
export type Annotation =
  | { type: 'url_citation'; url: string; title: string; start_index: number; end_index: number }
  | { type: 'file_citation'; file_id: string; filename: string; index: number }
  | { type: 'file_path'; file_id: string; index: number };

export interface OutputText {
  type: 'output_text';
  text: string;
  annotations: Annotation[];
  logprobs: TokenLogprob[];
}
export interface OutputRefusal {
  type: 'refusal';
  refusal: string;
}
/** A part of an assistant message. */
export type ContentPart = OutputText | OutputRefusal;

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

export function toLogprobs(tokens: readonly unknown[] | undefined): TokenLogprob[] {
  return (tokens ?? []).filter(isRecord).map((each) => ({
    ...toTokenLogprob(each),
    top_logprobs: listOf(each.top_logprobs).filter(isRecord).map(toTokenLogprob),
  }));
}

function toTokenLogprob({ token, logprob, bytes }: Record<string, unknown>): Omit<TokenLogprob, 'top_logprobs'> {
  return { token: textOf(token), logprob: numberOf(logprob), bytes: listOf(bytes).filter((byte) => typeof byte === 'number') };
}

/**
 * Returns an annotation of a chat completion, which has its fields in an object named by the type. Returns null for types
 * that the Responses API does not have, because clients reject a response with another type.
 */
export function toAnnotation(annotation: Readonly<Record<string, unknown>>): Annotation | null {
  const { type } = annotation;
  const nested = isText(type) ? annotation[type] : undefined;
  const fields = isRecord(nested) ? nested : annotation;
  switch (type) {
    case 'url_citation': {
      const { url, title, start_index, end_index } = fields;
      const at = { start_index: numberOf(start_index), end_index: numberOf(end_index) };
      return { type, url: textOf(url), title: textOf(title), ...at };
    }
    case 'file_citation':
      return { type, file_id: textOf(fields.file_id), filename: textOf(fields.filename), index: numberOf(fields.index) };
    case 'file_path':
      return { type, file_id: textOf(fields.file_id), index: numberOf(fields.index) };
    default:
      return null;
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown) => (typeof value === 'number' ? value : 0);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
