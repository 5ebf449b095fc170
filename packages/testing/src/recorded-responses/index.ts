import { readFileSync } from 'node:fs';

export interface RecordedResponse {
  /** E.g. `groq-stream-text`. */
  readonly name: string;
  /** The body in this folder, byte for byte as the provider sends it. */
  readonly file: string;
  readonly endpoint: '/v1/chat/completions' | '/v1/embeddings' | '/v1/models';
  /** `application/json`, or `text/event-stream` with or without a charset. */
  readonly mediaType: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Documentation of the format. */
  readonly source: string;
}

const OPENAI_CHAT = 'https://platform.openai.com/docs/api-reference/chat/object';
const OPENAI_STREAM = 'https://platform.openai.com/docs/api-reference/chat-streaming';
const OPENAI_ERRORS = 'https://platform.openai.com/docs/guides/error-codes';
const OPENAI_REASONING = 'https://platform.openai.com/docs/guides/reasoning';
const OPENAI_LIMITS = 'https://platform.openai.com/docs/guides/rate-limits';
const OPENAI_EMBEDDINGS = 'https://platform.openai.com/docs/api-reference/embeddings/create';
const OPENAI_MODELS = 'https://platform.openai.com/docs/api-reference/models/list';
const GROQ_CHAT = 'https://console.groq.com/docs/api-reference#chat-create';
const GROQ_CHUNKS = 'https://github.com/groq/groq-typescript/blob/main/src/resources/chat/completions.ts';
const GROQ_REASONING = 'https://console.groq.com/docs/reasoning';
const GROQ_ERRORS = 'https://console.groq.com/docs/errors';
const GROQ_LIMITS = 'https://console.groq.com/docs/rate-limits';
const GROQ_MODELS = 'https://console.groq.com/docs/api-reference#models-list';

type Overrides = Partial<Pick<RecordedResponse, 'endpoint' | 'status' | 'headers'>>;

const json = (name: string, source: string, overrides: Overrides = {}): RecordedResponse => ({
  name,
  file: `${name}.json`,
  endpoint: '/v1/chat/completions',
  mediaType: 'application/json',
  status: 200,
  source,
  ...overrides,
});
const stream = (name: string, source: string): RecordedResponse => ({
  ...json(name, source),
  file: `${name}.sse`,
  mediaType: name.startsWith('openai') ? 'text/event-stream; charset=utf-8' : 'text/event-stream',
});
const error = (name: string, source: string, status: number, headers?: Record<string, string>): RecordedResponse =>
  json(name, source, { status, ...(headers && { headers }) });

/**
 * Responses as OpenAI and Groq document them. The order of fields and the white space match the recordings in
 * https://github.com/charmbracelet/fantasy/tree/main/providertests/testdata. Texts and numbers are invented.
 *
 * Some values have a notation that `JSON.stringify` never produces (`\u00ef`, `0.4640139270`, `-1.20e-06`), so that
 * tests detect code that parses a response and serializes it again. Keys and organizations in error messages contain
 * `canary`, which no client may receive.
 */
export const RECORDED_RESPONSES: readonly RecordedResponse[] = [
  json('openai-chat-text', OPENAI_CHAT),
  json('openai-chat-tools', OPENAI_CHAT),
  json('openai-chat-logprobs', OPENAI_CHAT),
  json('openai-chat-refusal', OPENAI_CHAT),
  stream('openai-stream-text', OPENAI_STREAM),
  stream('openai-stream-tools', OPENAI_STREAM),
  stream('openai-stream-refusal', OPENAI_STREAM),
  stream('openai-stream-logprobs', OPENAI_STREAM),
  error('openai-error-400', OPENAI_ERRORS, 400),
  error('openai-error-temperature', OPENAI_REASONING, 400),
  error('openai-error-401', OPENAI_ERRORS, 401),
  error('openai-error-404', OPENAI_ERRORS, 404),
  error('openai-error-429', OPENAI_LIMITS, 429, {
    'retry-after': '20',
    'x-ratelimit-limit-requests': '3',
    'x-ratelimit-limit-tokens': '40000',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-remaining-tokens': '39820',
    'x-ratelimit-reset-requests': '20s',
    'x-ratelimit-reset-tokens': '270ms',
  }),
  error('openai-error-quota', OPENAI_ERRORS, 429),
  error('openai-error-500', OPENAI_ERRORS, 500),
  json('openai-embeddings', OPENAI_EMBEDDINGS, { endpoint: '/v1/embeddings' }),
  json('openai-embeddings-base64', OPENAI_EMBEDDINGS, { endpoint: '/v1/embeddings' }),
  json('openai-models', OPENAI_MODELS, { endpoint: '/v1/models' }),

  json('groq-chat-text', GROQ_CHAT),
  json('groq-chat-tools', GROQ_CHAT),
  json('groq-chat-reasoning', GROQ_REASONING),
  // Without `include_usage`, usage is only in `x_groq`. With it, two more fields repeat it, which must not be added up.
  stream('groq-stream-text', GROQ_CHUNKS),
  stream('groq-stream-usage', GROQ_CHUNKS),
  stream('groq-stream-tools', GROQ_CHUNKS),
  stream('groq-stream-reasoning', GROQ_REASONING),
  // Groq documents that `x_groq.error` explains why a stream stopped, but not which chunk contains it.
  stream('groq-stream-stopped', GROQ_CHUNKS),
  error('groq-error-401', GROQ_ERRORS, 401),
  error('groq-error-404', GROQ_ERRORS, 404),
  error('groq-error-413', GROQ_ERRORS, 413),
  error('groq-error-429', GROQ_LIMITS, 429, {
    'retry-after': '2',
    'x-ratelimit-limit-requests': '14400',
    'x-ratelimit-limit-tokens': '8000',
    'x-ratelimit-remaining-requests': '14370',
    'x-ratelimit-remaining-tokens': '100',
    'x-ratelimit-reset-requests': '2m59.56s',
    'x-ratelimit-reset-tokens': '7.66s',
  }),
  error('groq-error-498', GROQ_ERRORS, 498),
  json('groq-models', GROQ_MODELS, { endpoint: '/v1/models' }),
];

/** Returns the response of a name. Throws for an unknown name. */
export function recordedResponse(name: string): RecordedResponse {
  const response = RECORDED_RESPONSES.find((each) => each.name === name);
  if (!response) throw new Error(`There is no recorded response ${name}.`);
  return response;
}

/** Returns the body of a response, byte for byte as the provider sends it. */
export function recordedBytes({ file }: RecordedResponse): Buffer {
  return readFileSync(new URL(file, import.meta.url));
}
