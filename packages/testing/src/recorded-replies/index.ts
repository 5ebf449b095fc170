import { readFileSync } from 'node:fs';

export interface RecordedResponse {
  /** E.g. `groq-stream-text`. */
  readonly name: string;
  /** In this folder: the body, byte for byte as it comes over the wire. */
  readonly file: string;
  readonly endpoint: '/v1/chat/completions' | '/v1/embeddings' | '/v1/models';
  /** `application/json`, or `text/event-stream` with or without a charset. */
  readonly mediaType: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where its form is documented. */
  readonly source: string;
}

const OPENAI_CHAT = 'https://platform.openai.com/docs/api-reference/chat/object';
const OPENAI_STREAM = 'https://platform.openai.com/docs/api-reference/chat-streaming';
const OPENAI_ERRORS = 'https://platform.openai.com/docs/guides/error-codes';
const OPENAI_LIMITS = 'https://platform.openai.com/docs/guides/rate-limits';
const OPENAI_EMBEDDINGS = 'https://platform.openai.com/docs/api-reference/embeddings/create';
const OPENAI_MODELS = 'https://platform.openai.com/docs/api-reference/models/list';
const GROQ_CHAT = 'https://console.groq.com/docs/api-reference#chat-create';
const GROQ_CHUNKS = 'https://github.com/groq/groq-typescript/blob/main/src/resources/chat/completions.ts';
const GROQ_REASONING = 'https://console.groq.com/docs/reasoning';
const GROQ_ERRORS = 'https://console.groq.com/docs/errors';
const GROQ_LIMITS = 'https://console.groq.com/docs/rate-limits';
const GROQ_MODELS = 'https://console.groq.com/docs/api-reference#models-list';

type Rest = Partial<Pick<RecordedResponse, 'endpoint' | 'status' | 'headers'>>;

const piece = (name: string, source: string, rest: Rest = {}): RecordedResponse => ({
  name,
  file: `${name}.json`,
  endpoint: '/v1/chat/completions',
  mediaType: 'application/json',
  status: 200,
  source,
  ...rest,
});
const stream = (name: string, source: string): RecordedResponse => ({
  ...piece(name, source),
  file: `${name}.sse`,
  mediaType: name.startsWith('openai') ? 'text/event-stream; charset=utf-8' : 'text/event-stream',
});
const failure = (name: string, source: string, status: number, headers?: Record<string, string>): RecordedResponse =>
  piece(name, source, { status, ...(headers && { headers }) });

/**
 * Replies as OpenAI and Groq document them; their order and their white space are those of the recordings in
 * https://github.com/charmbracelet/fantasy/tree/main/providertests/testdata. The words and the numbers are ours. Some are
 * spelt as no `JSON.stringify` would spell them (`\u00ef`, `0.4640139270`, `-1.20e-06`), so that who parses a reply and
 * writes it again is found out. Keys and organizations in error texts carry `canary`, which no caller may see.
 */
export const RECORDED_RESPONSES: readonly RecordedResponse[] = [
  piece('openai-chat-text', OPENAI_CHAT),
  piece('openai-chat-tools', OPENAI_CHAT),
  piece('openai-chat-logprobs', OPENAI_CHAT),
  piece('openai-chat-refusal', OPENAI_CHAT),
  stream('openai-stream-text', OPENAI_STREAM),
  stream('openai-stream-tools', OPENAI_STREAM),
  stream('openai-stream-refusal', OPENAI_STREAM),
  stream('openai-stream-logprobs', OPENAI_STREAM),
  failure('openai-error-400', OPENAI_ERRORS, 400),
  failure('openai-error-401', OPENAI_ERRORS, 401),
  failure('openai-error-404', OPENAI_ERRORS, 404),
  failure('openai-error-429', OPENAI_LIMITS, 429, {
    'retry-after': '20',
    'x-ratelimit-limit-requests': '3',
    'x-ratelimit-limit-tokens': '40000',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-remaining-tokens': '39820',
    'x-ratelimit-reset-requests': '20s',
    'x-ratelimit-reset-tokens': '270ms',
  }),
  failure('openai-error-quota', OPENAI_ERRORS, 429),
  failure('openai-error-500', OPENAI_ERRORS, 500),
  piece('openai-embeddings', OPENAI_EMBEDDINGS, { endpoint: '/v1/embeddings' }),
  piece('openai-embeddings-base64', OPENAI_EMBEDDINGS, { endpoint: '/v1/embeddings' }),
  piece('openai-models', OPENAI_MODELS, { endpoint: '/v1/models' }),

  piece('groq-chat-text', GROQ_CHAT),
  piece('groq-chat-tools', GROQ_CHAT),
  piece('groq-chat-reasoning', GROQ_REASONING),
  // Who did not ask for usage gets it in `x_groq` alone; who asked gets it twice more, which must not be added up.
  stream('groq-stream-text', GROQ_CHUNKS),
  stream('groq-stream-usage', GROQ_CHUNKS),
  stream('groq-stream-tools', GROQ_CHUNKS),
  stream('groq-stream-reasoning', GROQ_REASONING),
  // That `x_groq.error` tells why a stream was stopped is documented; in which chunk it comes is not.
  stream('groq-stream-stopped', GROQ_CHUNKS),
  failure('groq-error-401', GROQ_ERRORS, 401),
  failure('groq-error-404', GROQ_ERRORS, 404),
  failure('groq-error-413', GROQ_ERRORS, 413),
  failure('groq-error-429', GROQ_LIMITS, 429, {
    'retry-after': '2',
    'x-ratelimit-limit-requests': '14400',
    'x-ratelimit-limit-tokens': '8000',
    'x-ratelimit-remaining-requests': '14370',
    'x-ratelimit-remaining-tokens': '100',
    'x-ratelimit-reset-requests': '2m59.56s',
    'x-ratelimit-reset-tokens': '7.66s',
  }),
  failure('groq-error-498', GROQ_ERRORS, 498),
  piece('groq-models', GROQ_MODELS, { endpoint: '/v1/models' }),
];

/** The reply of that name; throws when there is none. */
export function recordedResponse(name: string): RecordedResponse {
  const reply = RECORDED_RESPONSES.find((each) => each.name === name);
  if (!reply) throw new Error(`There is no recorded reply ${name}.`);
  return reply;
}

/** The body of a reply as it comes over the wire. */
export function recordedBytes({ file }: RecordedResponse): Buffer {
  return readFileSync(new URL(file, import.meta.url));
}
