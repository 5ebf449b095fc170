import { type RecordedResponse, recordedBytes } from '../recorded-responses/index.ts';
import { embeddingsOf } from './embeddings.ts';
import type { FaultRequest } from './fault.ts';

/** Differences from a healthy response. */
export interface ResponseOverrides {
  /** Deltas of a stream between the role and the finish reason. */
  readonly deltas?: readonly object[];
  /** Fields of a unary response's message besides its role. */
  readonly message?: object;
  /** Null omits it. */
  readonly finish?: string | null;
  /** Null omits it. */
  readonly usage?: object | null;
  /** Additional fields of each chunk of a stream. */
  readonly chunkFields?: object;
  readonly headers?: Record<string, string>;
}

const ID = 'chatcmpl-fault';
export const SSE = { 'content-type': 'text/event-stream' };
export const JSON_TYPE = { 'content-type': 'application/json' };
export const DONE = 'data: [DONE]\n\n';

export const frame = (body: object) => `data: ${JSON.stringify(body)}\n\n`;

export const chunk = (delta: object, finish_reason: string | null = null, fields: object = {}) =>
  frame({
    id: ID,
    object: 'chat.completion.chunk',
    created: 1,
    model: 'fault',
    choices: [{ index: 0, delta, finish_reason }],
    ...fields,
  });

const usageOf = (words: readonly string[]) => ({
  prompt_tokens: 7,
  completion_tokens: words.length,
  total_tokens: 7 + words.length,
});

/** Returns the frames of a stream, including `[DONE]`. */
export function framesOf({ words }: FaultRequest, overrides: ResponseOverrides = {}): string[] {
  const { deltas = words.map((content) => ({ content })), finish = 'stop', usage = usageOf(words), chunkFields } = overrides;
  return [
    chunk({ role: 'assistant', content: '' }, null, chunkFields),
    ...deltas.map((delta) => chunk(delta, null, chunkFields)),
    ...(finish === null ? [] : [chunk({}, finish, chunkFields)]),
    ...(usage === null
      ? []
      : [frame({ id: ID, object: 'chat.completion.chunk', created: 1, model: 'fault', choices: [], usage })]),
    DONE,
  ];
}

/** Returns the body of a response: a stream or one JSON value, as requested. */
export function bodyOf(request: FaultRequest, overrides: ResponseOverrides = {}): string {
  if (request.path === '/v1/embeddings') return JSON.stringify(embeddingsOf(request.body));
  if (request.stream) return framesOf(request, overrides).join('');
  const { words } = request;
  const { message = { content: words.join('') }, finish = 'stop', usage = usageOf(words) } = overrides;
  const choice = { index: 0, message: { role: 'assistant', ...message }, ...(finish !== null && { finish_reason: finish }) };
  const body = { id: ID, object: 'chat.completion', created: 1, model: 'fault', choices: [choice] };
  return JSON.stringify({ ...body, ...(usage !== null && { usage }) });
}

/** Sends a healthy response, with the given differences. */
export function sendCompletion(request: FaultRequest, overrides: ResponseOverrides = {}): void {
  const headers = { ...(request.stream ? SSE : JSON_TYPE), ...overrides.headers };
  request.response.writeHead(200, headers).end(bodyOf(request, overrides));
}

/** A provider's message, which clients of the platform must never receive. */
export const SECRET = 'Incorrect API key provided: sk-canary-0123456789abcdef';

type QuotedRequest = Partial<Pick<FaultRequest, 'prompt' | 'words'>>;

/** Returns an error message that quotes the prompt and the response, as those of several providers do. */
export const quotingMessage = ({ prompt = '', words = [] }: QuotedRequest): string =>
  `Cannot process ${JSON.stringify(prompt)}, ${JSON.stringify(words.join(''))}. ${SECRET}`;

/** Creates a function that sends an error in OpenAI's format. */
export const errorResponse =
  (status: number, error: object, headers: Record<string, string> = {}) =>
  ({ response, ...request }: Pick<FaultRequest, 'response'> & QuotedRequest) =>
    void response
      .writeHead(status, { ...JSON_TYPE, ...headers })
      .end(JSON.stringify({ error: { message: quotingMessage(request), ...error } }));

/** Sends a recorded response, whether the client requested a stream or not. */
export function replay(recorded: RecordedResponse, { response }: Pick<FaultRequest, 'response'>): void {
  response.writeHead(recorded.status, { 'content-type': recorded.mediaType, ...recorded.headers }).end(recordedBytes(recorded));
}
