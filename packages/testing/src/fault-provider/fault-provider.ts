import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { recordedResponse } from '../recorded-responses/index.ts';
import { inputsOf } from './embeddings.ts';
import { REDIRECT_PREFIX } from './error-responses.ts';
import type { FaultRequest } from './fault.ts';
import { createGate, type Gate } from './gate.ts';
import { errorResponse, JSON_TYPE, replay, sendCompletion } from './openai-response.ts';
import { MODELS, respondAs } from './respond.ts';
import { overridesOf, type Script } from './script.ts';

interface ReceivedRequest {
  /** E.g. `/v1/models`. */
  readonly path: string;
  /** The Bearer token. */
  readonly key: string | undefined;
  /** The address of the client. */
  readonly from: string | undefined;
  /** Time of arrival by `performance.now()`, in milliseconds. */
  readonly at: number;
}

export interface ProviderCall extends ReceivedRequest {
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
  readonly otherRequests: readonly ReceivedRequest[];
  /** Resolves with the next call. */
  nextCall(): Promise<ProviderCall>;
  /** Blocks the models `gated` and `slow_first_token`. */
  readonly gate: Gate;
  /** Whether the model `down_then_up` succeeds. May change at any time. */
  health: 'up' | 'down';
  /** Tokens of healthy responses. May change at any time. */
  words: readonly string[];
  /** Responds to chat completions of every model, instead of the faults. Tests may change it at any time. */
  script: Script | undefined;
  /** Calls the listener when a call arrives and when its response is written. Returns a function that unsubscribes. */
  subscribe(listener: (event: 'received' | 'responded', call: ProviderCall) => void): () => void;
  /** Clears all calls, closes the gate, restores the health and the words, and removes the script. */
  reset(): void;
  close(): Promise<void>;
}

export interface FaultProviderOptions {
  /** 0 (the default) selects a free port. */
  port?: number;
  /** The address to listen on: 127.0.0.1 by default. */
  host?: string;
  /** Tokens of healthy responses. */
  words?: readonly string[];
  /** Keys that receive 401. Each call reads the current list. */
  refusedKeys?: readonly string[];
  /** Keys that receive 429 with `Retry-After: 30`. Each call reads the current list. */
  limitedKeys?: readonly string[];
  /** The recorded response for the list of models, e.g. `groq-models`. By default, all models of this provider. */
  modelList?: string;
}

const WORDS = ['Streams ', 'carry ', '"quotes",\n', 'line\u2028breaks ', 'and 👩‍🚀 ', 'naïve ', 'tokens.'];
const CHAT_PATH = '/v1/chat/completions';
const POST_PATHS = [CHAT_PATH, '/v1/embeddings'];

/** Starts an OpenAI-compatible provider on a real socket. Each model id selects a fault. */
export async function startFaultProvider(options: FaultProviderOptions = {}): Promise<FaultProvider> {
  const { port = 0, host = '127.0.0.1', words: initialWords = WORDS, refusedKeys = [], limitedKeys = [], modelList } = options;
  const calls: ProviderCall[] = [];
  const otherRequests: ReceivedRequest[] = [];
  const waiting: ((call: ProviderCall) => void)[] = [];
  const listeners = new Set<Parameters<FaultProvider['subscribe']>[0]>();
  const callCounts = new Map<string, number>();
  const gate = createGate();

  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const received = { path, key, from: request.socket.remoteAddress, at: performance.now() };
    if (request.method !== 'POST') {
      otherRequests.push(received);
      return respond(received, response, () => (path === '/v1/models' ? listModels(response, modelList) : notFound(response)));
    }
    const call = callOf(received, request, response, JSON.parse((await textOf(request)) || '{}'));
    calls.push(call);
    for (const resolve of waiting.splice(0)) resolve(call);
    for (const listener of listeners) listener('received', call);
    response.once('finish', () => {
      for (const listener of listeners) listener('responded', call);
    });
    const { model, body, stream, prompt } = call;
    const countKey = `${model} ${prompt}`;
    const earlierCalls = callCounts.get(countKey) ?? 0;
    callCounts.set(countKey, earlierCalls + 1);
    const { health, words, script } = provider;
    const faultRequest: FaultRequest = { path, body, stream, response, words, prompt, earlierCalls, gate, health };
    respond(received, response, () => {
      if (script && path === CHAT_PATH) sendCompletion(faultRequest, overridesOf(script(body)));
      else if (POST_PATHS.includes(path.replace(REDIRECT_PREFIX, ''))) respondAs(model, faultRequest);
      else notFound(response);
    });
  });

  /** Rejects keys as configured; otherwise calls `respondWithValidKey`. */
  function respond({ key = '' }: ReceivedRequest, response: ServerResponse, respondWithValidKey: () => void): void {
    if (refusedKeys.includes(key)) errorResponse(401, { code: 'invalid_api_key' })({ response });
    else if (limitedKeys.includes(key))
      errorResponse(429, { code: 'rate_limit_exceeded' }, { 'retry-after': '30' })({ response });
    else respondWithValidKey();
  }

  server.listen(port, host);
  await once(server, 'listening');

  const provider: FaultProvider = {
    baseUrl: `http://${host}:${(server.address() as AddressInfo).port}/v1`,
    calls,
    otherRequests,
    nextCall: () => new Promise((resolve) => waiting.push(resolve)),
    gate,
    health: 'up',
    words: initialWords,
    script: undefined,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    reset() {
      for (const list of [calls, otherRequests, waiting]) list.length = 0;
      callCounts.clear();
      listeners.clear();
      gate.close();
      provider.health = 'up';
      provider.words = initialWords;
      provider.script = undefined;
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
  received: ReceivedRequest,
  { headers, socket }: IncomingMessage,
  response: ServerResponse,
  body: Record<string, unknown>,
): ProviderCall {
  const { promise: disconnected, resolve } = Promise.withResolvers<void>();
  response.once('close', () => response.writableFinished || resolve());
  const bytesBefore = socket.bytesWritten;
  return {
    ...received,
    model: String(body.model),
    stream: body.stream === true,
    headers,
    body,
    prompt: promptOf(body),
    disconnected,
    bytesSent: () => socket.bytesWritten - bytesBefore,
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
