import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { recordedResponse } from '../recorded-replies/index.ts';
import { inputsOf } from './embeddings.ts';
import { ELSEWHERE } from './error-responses.ts';
import type { FaultRequest } from './fault.ts';
import { createGate, type Gate } from './gate.ts';
import { JSON_TYPE, refusal } from './openai-response.ts';
import { answerAs, MODELS, replay } from './respond.ts';

interface LookUp {
  /** E.g. `/v1/models`. */
  readonly path: string;
  /** The Bearer token. */
  readonly key: string | undefined;
  /** The time of arrival by `performance.now()`. */
  readonly at: number;
}

export interface ProviderCall extends LookUp {
  readonly model: string;
  readonly stream: boolean;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  /** The text of the last message, or the input to embed. */
  readonly prompt: string;
  /** Resolves when the client closes the connection before the response is complete. */
  readonly disconnected: Promise<void>;
  /** Bytes written to the client's socket so far, framing included. */
  bytesSent(): number;
}

export interface FaultProvider {
  /** E.g. `http://127.0.0.1:9100/v1`. */
  readonly baseUrl: string;
  /** All POST requests. */
  readonly calls: readonly ProviderCall[];
  /** All other requests, e.g. for the list of models. */
  readonly lookups: readonly LookUp[];
  /** The next call from now on. */
  nextCall(): Promise<ProviderCall>;
  /** The models `gated` and `slow_first_token` wait for it. */
  readonly gate: Gate;
  /** Whether the model `down_then_up` answers: set it at any time. */
  health: 'up' | 'down';
  /** Calls the listener when a call arrives and when its response has been written. Returns a function that stops it. */
  watch(listener: (what: 'asked' | 'answered', call: ProviderCall) => void): () => void;
  /** Forgets all calls, closes the gate and is healthy again. */
  reset(): void;
  close(): Promise<void>;
}

export interface FaultProviderOptions {
  /** 0 for a free one. */
  port?: number;
  words?: readonly string[];
  /** Keys that get 401. Each call reads the list anew. */
  refusedKeys?: readonly string[];
  /** Keys that get 429 with `Retry-After: 30`. Each call reads the list anew. */
  limitedKeys?: readonly string[];
  /** The recorded response for the list of models, e.g. `groq-models`. By default, all models of this provider. */
  modelList?: string;
}

const WORDS = ['Streams ', 'carry ', '"quotes",\n', 'line\u2028breaks ', 'and 👩‍🚀 ', 'naïve ', 'tokens.'];
const POSTED = ['/v1/chat/completions', '/v1/embeddings'];

/** Starts a provider with OpenAI's API over a real socket, whose models are named for their faults. */
export async function startFaultProvider(options: FaultProviderOptions = {}): Promise<FaultProvider> {
  const { port = 0, words = WORDS, refusedKeys = [], limitedKeys = [], modelList } = options;
  const calls: ProviderCall[] = [];
  const lookups: LookUp[] = [];
  const waiting: ((call: ProviderCall) => void)[] = [];
  const watchers = new Set<Parameters<FaultProvider['watch']>[0]>();
  const timesAsked = new Map<string, number>();
  const gate = createGate();

  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    const lookUp = { path, key: /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1], at: performance.now() };
    if (request.method !== 'POST') {
      lookups.push(lookUp);
      return answer(lookUp, response, () => (path === '/v1/models' ? listModels(response, modelList) : notFound(response)));
    }
    const call = callOf(lookUp, request, response, JSON.parse((await textOf(request)) || '{}'));
    calls.push(call);
    for (const take of waiting.splice(0)) take(call);
    for (const tell of watchers) tell('asked', call);
    response.once('finish', () => {
      for (const tell of watchers) tell('answered', call);
    });
    const { model, body, stream, prompt } = call;
    const asked = `${model} ${prompt}`;
    const earlier = timesAsked.get(asked) ?? 0;
    timesAsked.set(asked, earlier + 1);
    const { health } = provider;
    const toAnswer: FaultRequest = { path, body, stream, response, words, prompt, timesAsked: earlier, gate, health };
    answer(lookUp, response, () =>
      POSTED.includes(path.replace(ELSEWHERE, '')) ? answerAs(model, toAnswer) : notFound(response),
    );
  });

  function answer({ key = '' }: LookUp, response: ServerResponse, otherwise: () => void): void {
    if (refusedKeys.includes(key)) refusal(401, { code: 'invalid_api_key' })({ response });
    else if (limitedKeys.includes(key)) refusal(429, { code: 'rate_limit_exceeded' }, { 'retry-after': '30' })({ response });
    else otherwise();
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  const provider: FaultProvider = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    lookups,
    nextCall: () => new Promise((resolve) => waiting.push(resolve)),
    gate,
    health: 'up',
    watch(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
    reset() {
      for (const list of [calls, lookups, waiting]) list.length = 0;
      timesAsked.clear();
      watchers.clear();
      gate.close();
      provider.health = 'up';
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return provider;
}

function callOf(
  lookUp: LookUp,
  { headers, socket }: IncomingMessage,
  response: ServerResponse,
  body: Record<string, unknown>,
): ProviderCall {
  const { promise: disconnected, resolve } = Promise.withResolvers<void>();
  response.once('close', () => response.writableFinished || resolve());
  const before = socket.bytesWritten;
  return {
    ...lookUp,
    model: String(body.model),
    stream: body.stream === true,
    headers,
    body,
    prompt: promptOf(body),
    disconnected,
    bytesSent: () => socket.bytesWritten - before,
  };
}

function promptOf({ messages, input }: Record<string, unknown>): string {
  if (!Array.isArray(messages)) return input === undefined ? '' : inputsOf(input).join('\n');
  const content = messages.at(-1)?.content ?? '';
  return Array.isArray(content) ? content.map(({ text = '' }) => text).join('') : String(content);
}

function listModels(response: ServerResponse, recorded?: string): void {
  if (recorded !== undefined) return void replay(recordedResponse(recorded), { response });
  const data = MODELS.map(({ id }) => ({ id, object: 'model', created: 1, owned_by: 'faults' }));
  response.writeHead(200, JSON_TYPE).end(JSON.stringify({ object: 'list', data }));
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, JSON_TYPE).end('{}');
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const part of request) chunks.push(part);
  return Buffer.concat(chunks).toString('utf8');
}
