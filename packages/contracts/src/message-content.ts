import { isRecord } from './json-values.ts';

/** The text of a message or delta, by its kind; undefined where it has none. */
export interface MessageText {
  readonly content: string | undefined;
  readonly reasoning: string | undefined;
  readonly refusal: string | undefined;
}

/** Types of content parts that contain reasoning. */
const REASONING_PARTS: ReadonlySet<unknown> = new Set(['thinking', 'reasoning', 'reasoning_text', 'summary_text']);

/**
 * Reads the text of a message or delta. Providers send content as a text or as a list of parts, and reasoning as parts,
 * `reasoning_content`, `reasoning` or `reasoning_details`, sometimes under several of these names.
 */
export function readMessageText(message: Record<string, unknown>): MessageText {
  const { content, refusal, reasoning_content, reasoning, reasoning_details } = message;
  const parts = Array.isArray(content) ? content : [content];
  const isReasoning = (part: unknown) => isRecord(part) && REASONING_PARTS.has(part.type);
  return {
    content: textOf(parts.filter((part) => !isReasoning(part))),
    reasoning: textOf(reasoning_content) || textOf(reasoning) || textOf(parts.filter(isReasoning)) || textOf(reasoning_details),
    refusal: textOf(refusal),
  };
}

/** Returns the text of the first choice of an OpenAI `chat.completion`, from its JSON; empty without one. */
export function completionText(body: string): string {
  const { choices } = JSON.parse(body) as { choices?: { message?: Record<string, unknown> }[] };
  const { content, refusal } = readMessageText(choices?.[0]?.message ?? {});
  return content || refusal || '';
}

const TEXT_FIELDS = ['text', 'thinking', 'reasoning', 'summary', 'refusal', 'content'] as const;
const DEPTH_MAX = 4;

/** Returns the text of a value: a text, a number, a part, or a list of these. Undefined when it contains none. */
function textOf(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (depth > DEPTH_MAX) return undefined;
  if (Array.isArray(value)) {
    const texts = value.map((each) => textOf(each, depth + 1)).filter((text) => text !== undefined);
    return texts.length === 0 ? undefined : texts.join('');
  }
  if (!isRecord(value)) return undefined;
  for (const field of TEXT_FIELDS) {
    const text = textOf(value[field], depth + 1);
    if (text !== undefined) return text;
  }
  return undefined;
}
