import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FAULTS } from './faults.ts';
import { Gate } from './gate.ts';
import { type PacedRequest, pacedModel } from './paced-models.ts';

export interface ProviderCall {
  readonly model: string;
  readonly stream: boolean;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  /** The last message of the conversation. */
  readonly prompt: string;
  /** When it came, on the clock of `performance.now()`. */
  readonly at: number;
  /** Resolves when the caller has closed the connection before the answer was complete. */
  readonly abandoned: Promise<void>;
  /** Bytes given to the caller's socket so far, framing included. */
  bytesSent(): number;
}

export interface FaultProvider {
  /** E.g. `http://127.0.0.1:9100/v1`. */
  readonly baseUrl: string;
  readonly calls: readonly ProviderCall[];
  /** The next call from now on. */
  nextCall(): Promise<ProviderCall>;
  /** What the model `gated` waits for. */
  readonly gate: Gate;
  /** Told at once of each call that comes and of each whose answer has been written. Returns how to stop. */
  watch(listener: (what: 'asked' | 'answered', call: ProviderCall) => void): () => void;
  close(): Promise<void>;
}

export interface FaultProviderOptions {
  /** 0 for a free one. */
  port?: number;
  words?: readonly string[];
}

const WORDS = ['Streams ', 'carry ', '"quotes",\n', 'line\u2028breaks ', 'and 👩‍🚀 ', 'naïve ', 'tokens.'];

/** A provider with OpenAI's API over a real socket, whose models are named for what goes wrong with them. */
export async function startFaultProvider({ port = 0, words = WORDS }: FaultProviderOptions = {}): Promise<FaultProvider> {
  const calls: ProviderCall[] = [];
  const waiting: ((call: ProviderCall) => void)[] = [];
  const watchers = new Set<Parameters<FaultProvider['watch']>[0]>();
  const timesAsked = new Map<string, number>();
  const gate = new Gate();

  const server = createServer(async (request, response) => {
    if (request.method === 'GET' && request.url === '/v1/models') return listModels(response);
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') return void response.writeHead(404).end('{}');
    const body = JSON.parse(await textOf(request));
    const stream = body.stream === true;
    const { promise: abandoned, resolve } = Promise.withResolvers<void>();
    response.once('close', () => response.writableFinished || resolve());
    const { socket } = request;
    const before = socket.bytesWritten;
    const prompt = String(body.messages?.at(-1)?.content ?? '');
    const call: ProviderCall = {
      model: String(body.model),
      stream,
      headers: request.headers,
      body,
      prompt,
      at: performance.now(),
      abandoned,
      bytesSent: () => socket.bytesWritten - before,
    };
    calls.push(call);
    for (const take of waiting.splice(0)) take(call);
    const earlier = timesAsked.get(prompt) ?? 0;
    timesAsked.set(prompt, earlier + 1);
    for (const tell of watchers) tell('asked', call);
    response.once('finish', () => {
      for (const tell of watchers) tell('answered', call);
    });
    answer(call.model, { stream, response, words, prompt, timesAsked: earlier, gate });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    nextCall: () => new Promise((resolve) => waiting.push(resolve)),
    gate,
    watch(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(model: string, request: PacedRequest): void {
  const answerAs = FAULTS[model]?.answer ?? pacedModel(model);
  if (answerAs) {
    answerAs(request);
    return;
  }
  const status = /^status_([1-5]\d\d)$/.exec(model)?.[1];
  request.response
    .writeHead(status ? Number(status) : 404, { 'content-type': 'application/json' })
    .end('{"error":{"message":"no such model"}}');
}

function listModels(response: ServerResponse): void {
  const data = Object.keys(FAULTS).map((id) => ({ id, object: 'model', owned_by: 'faults' }));
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data }));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const part of request) chunks.push(part);
  return Buffer.concat(chunks).toString('utf8');
}
