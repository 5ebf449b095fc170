import { isRecord, isText } from '@prodigon/contracts';

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
