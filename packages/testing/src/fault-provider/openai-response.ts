import { embeddingsOf } from './embeddings.ts';
import type { FaultRequest } from './fault.ts';

export interface Reply {
  /** What a stream has between its role and its finish. */
  readonly deltas?: readonly object[];
  /** What an answer in one piece has besides its role. */
  readonly message?: object;
  /** Null leaves it out. */
  readonly finish?: string | null;
  /** Null leaves it out. */
  readonly usage?: object | null;
  /** What each chunk of a stream has besides. */
  readonly everyChunk?: object;
  readonly headers?: Record<string, string>;
}

const ID = 'chatcmpl-fault';
export const SSE = { 'content-type': 'text/event-stream' };
export const JSON_TYPE = { 'content-type': 'application/json' };
export const DONE = 'data: [DONE]\n\n';

export const frame = (body: object) => `data: ${JSON.stringify(body)}\n\n`;

export const chunk = (delta: object, finish_reason: string | null = null, besides: object = {}) =>
  frame({
    id: ID,
    object: 'chat.completion.chunk',
    created: 1,
    model: 'fault',
    choices: [{ index: 0, delta, finish_reason }],
    ...besides,
  });

const usageOf = (words: readonly string[]) => ({
  prompt_tokens: 7,
  completion_tokens: words.length,
  total_tokens: 7 + words.length,
});

/** The frames of a stream, the last one included. */
export function framesOf({ words }: FaultRequest, reply: Reply = {}): string[] {
  const { deltas = words.map((content) => ({ content })), finish = 'stop', usage = usageOf(words), everyChunk } = reply;
  return [
    chunk({ role: 'assistant', content: '' }, null, everyChunk),
    ...deltas.map((delta) => chunk(delta, null, everyChunk)),
    ...(finish === null ? [] : [chunk({}, finish, everyChunk)]),
    ...(usage === null
      ? []
      : [frame({ id: ID, object: 'chat.completion.chunk', created: 1, model: 'fault', choices: [], usage })]),
    DONE,
  ];
}

/** The body of an answer as it was asked for: a stream, or one piece. */
export function bodyOf(request: FaultRequest, reply: Reply = {}): string {
  if (request.path === '/v1/embeddings') return JSON.stringify(embeddingsOf(request.body));
  if (request.stream) return framesOf(request, reply).join('');
  const { words } = request;
  const { message = { content: words.join('') }, finish = 'stop', usage = usageOf(words) } = reply;
  const choice = { index: 0, message: { role: 'assistant', ...message }, ...(finish !== null && { finish_reason: finish }) };
  const body = { id: ID, object: 'chat.completion', created: 1, model: 'fault', choices: [choice] };
  return JSON.stringify({ ...body, ...(usage !== null && { usage }) });
}

/** Answers as a healthy provider does, save for what `reply` says. */
export function sendReply(request: FaultRequest, reply: Reply = {}): void {
  request.response.writeHead(200, { ...(request.stream ? SSE : JSON_TYPE), ...reply.headers }).end(bodyOf(request, reply));
}

/** A message of a provider that may never be seen by a caller of the platform. */
export const SECRET = 'Incorrect API key provided: sk-canary-0123456789abcdef';

export const refusal =
  (status: number, error: object, headers: Record<string, string> = {}) =>
  ({ response }: Pick<FaultRequest, 'response'>) =>
    void response.writeHead(status, { ...JSON_TYPE, ...headers }).end(JSON.stringify({ error: { message: SECRET, ...error } }));
