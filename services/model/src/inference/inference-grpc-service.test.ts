import { credentials, Metadata, status } from '@grpc/grpc-js';
import { AppError, type ChatRequest, type EmbeddingRequest } from '@prodigon/contracts';
import { type GenerateRequest, type GenerateStreamResponse, InferenceServiceClient, type Prompt } from '@prodigon/contracts/grpc';
import {
  createBodyBudget,
  createLifecycle,
  createLogger,
  createMetrics,
  decodeOutcome,
  OUTCOME_TRAILER,
} from '@prodigon/platform';
import { createGrpcCallHandlers, createGrpcServer } from '@prodigon/platform/grpc';
import type { ContentEvent, GenerationOutcome, ModelClient, ResponseMetadata } from '@prodigon/ports';
import { expect, it, onTestFinished } from 'vitest';
import { createInferenceGrpcService } from './inference-grpc-service.ts';

const internalToken = 'token-of-these-tests-0123';
const metadata: ResponseMetadata = { model: 'm', provider: 'p', attempts: [], warning: null, rateLimits: null };
const usage = { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 };
const measured = { usage, estimated: false, costUsd: 0.5 };
const timings = { ttftMs: 1, totalMs: 2 };
const OUTCOME: GenerationOutcome = { ...measured, status: 'completed', finish: 'stop', timings, sequence: 1 };

interface Recorded {
  readonly chats: ChatRequest[];
  readonly embeddings: EmbeddingRequest[];
}

/** Starts a service whose model streams these events. */
async function start(events: readonly ContentEvent[] = [], outcome: GenerationOutcome = OUTCOME) {
  const recorded: Recorded = { chats: [], embeddings: [] };
  const client: ModelClient = {
    async complete(request) {
      recorded.chats.push(request);
      return { ...metadata, ...measured, body: '{"raw":true}', text: 'the text', finish: 'length' };
    },
    async stream(request) {
      recorded.chats.push(request);
      return {
        ...metadata,
        outcome: Promise.resolve(outcome),
        async *events() {
          yield* events;
          if (outcome.error) throw outcome.error;
        },
        async *bytes() {
          yield Buffer.from('data: "frame"\n\n');
        },
      };
    },
    async embed(request) {
      recorded.embeddings.push(request);
      return { ...metadata, ...measured, body: '{"data":[{"embedding":[0.5,-1]},{"embedding":[2]}]}' };
    },
    models: () => Promise.reject(new AppError('SERVICE_UNAVAILABLE')),
    usage: () => Promise.reject(new AppError('NOT_FOUND')),
  };
  const logger = createLogger({ service: 'test', level: 'silent', secrets: [] });
  const lifecycle = createLifecycle({ drainTimeoutMs: 1 });
  const metrics = createMetrics();
  const calls = createGrpcCallHandlers({ service: 'test', logger, metrics, internalToken, lifecycle, timeoutMs: 60_000 });
  const server = createGrpcServer([createInferenceGrpcService({ client, calls, bodyBudget: createBodyBudget(1 << 20) })]);
  const port = await server.listen({ host: '127.0.0.1', port: 0 });
  const rpc = new InferenceServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(async () => {
    rpc.close();
    await server.close();
  });
  return { rpc, recorded };
}

function token(): Metadata {
  const authorization = new Metadata();
  authorization.set('authorization', `Bearer ${internalToken}`);
  return authorization;
}

/** Calls a unary method. Rejects with the status of an error. */
const call = <Response>(send: (done: (error: Error | null, response: Response) => void) => unknown) =>
  new Promise<Response>((resolve, reject) => send((error, response) => (error ? reject(error) : resolve(response))));

type Request = GenerateRequest['request'];

const prompt = (fields: Partial<Prompt> = {}): Request => ({
  $case: 'prompt',
  value: { messages: [{ role: 'user', content: 'Hi' }], stop: [], ...fields },
});

async function readStream(rpc: InferenceServiceClient) {
  const stream = rpc.generateStream({ request: prompt(), frameFormat: 0, generationId: '' }, token());
  const events: GenerateStreamResponse['event'][] = [];
  stream.on('data', ({ event }: GenerateStreamResponse) => events.push(event)).on('error', () => {});
  const end = await new Promise<{ code: number; metadata: Metadata }>((resolve) => stream.on('status', resolve));
  return { events, code: end.code, outcome: decodeOutcome(end.metadata.get(OUTCOME_TRAILER)[0]?.toString()) };
}

it('returns a completion for a prompt, with its usage and cost', async () => {
  const { rpc } = await start();
  const { response } = await call<{ response?: unknown }>((done) => rpc.generate({ request: prompt() }, token(), done));
  expect(response).toEqual({
    $case: 'completion',
    value: {
      model: 'm',
      text: 'the text',
      finishReason: 'length',
      usage: { promptTokens: 2, completionTokens: 3, totalTokens: 5, estimated: false, costUsd: 0.5 },
    },
  });
});

it('sends an explicit 0 to the provider, but no field that is absent', async () => {
  const { rpc, recorded } = await start();
  await call((done) => rpc.generate({ request: prompt() }, token(), done));
  await call((done) => rpc.generate({ request: prompt({ temperature: 0, seed: 0, stop: ['x'] }) }, token(), done));
  const messages = [{ role: 'user', content: 'Hi' }];
  expect(recorded.chats).toEqual([{ messages }, { messages, temperature: 0, seed: 0, stop: ['x'] }]);
});

it('passes tools and unknown fields of an OpenAI request to the provider, and its body back', async () => {
  const { rpc, recorded } = await start();
  const tools = [{ type: 'function', function: { name: 'f', parameters: { unknown: [1] } } }];
  const body = { messages: [{ role: 'user', content: 'Hi', other: 1 }], tools, future_field: { deep: [null] } };
  const request = { $case: 'openaiRequest', value: Buffer.from(JSON.stringify(body)) } as const;
  const { response } = await call<{ response?: unknown }>((done) => rpc.generate({ request }, token(), done));
  expect(recorded.chats).toEqual([body]);
  expect(response).toEqual({ $case: 'openaiResponse', value: Buffer.from('{"raw":true}') });
});

it('streams text, reasoning and refusals, and the usage at the end', async () => {
  const { rpc } = await start([
    { type: 'reasoning', text: 'Hm' },
    { type: 'text', text: 'A' },
    { type: 'refusal', text: 'No' },
  ]);
  const { events, code, outcome } = await readStream(rpc);
  expect(events.slice(0, 3)).toEqual([
    { $case: 'reasoning', value: 'Hm' },
    { $case: 'text', value: 'A' },
    { $case: 'refusal', value: 'No' },
  ]);
  expect(events[3]).toMatchObject({ $case: 'completed', value: { finishReason: 'stop', usage: { totalTokens: 5 } } });
  expect([code, outcome?.status]).toEqual([status.OK, 'completed']);
});

it('ends an interrupted stream with an error status and its outcome', async () => {
  const error = new AppError('INFERENCE_ERROR');
  const { rpc } = await start([{ type: 'text', text: 'A' }], { ...OUTCOME, status: 'failed', finish: null, error });
  const { events, code, outcome } = await readStream(rpc);
  expect(events).toEqual([{ $case: 'text', value: 'A' }]);
  expect([code, outcome?.status, outcome?.error?.code]).toEqual([status.UNAVAILABLE, 'failed', 'INFERENCE_ERROR']);
});

it('returns embeddings as floats', async () => {
  const { rpc, recorded } = await start();
  const request = { $case: 'texts' as const, value: { texts: ['a', 'b'] } };
  const { response } = await call<{ response?: unknown }>((done) => rpc.embed({ request }, token(), done));
  expect(recorded.embeddings).toMatchObject([{ input: ['a', 'b'] }]);
  expect(response).toMatchObject({ value: { embeddings: [{ values: [0.5, -1] }, { values: [2] }] } });
});

it.each<[string, Request]>([
  ['an empty request', undefined],
  ['a prompt without messages', { $case: 'prompt', value: { messages: [], stop: [] } }],
  ['a body that is not JSON', { $case: 'openaiRequest', value: Buffer.from('{') }],
  ['a body that is not UTF-8', { $case: 'openaiRequest', value: Buffer.from([0x22, 0xff, 0x22]) }],
  ['a body with a prototype key', { $case: 'openaiRequest', value: Buffer.from('{"messages":[],"__proto__":{}}') }],
  ['a body that is too deep', { $case: 'openaiRequest', value: Buffer.from('['.repeat(100_000)) }],
])('rejects %s', async (_name, request) => {
  const { rpc, recorded } = await start();
  await expect(call((done) => rpc.generate({ request }, token(), done))).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  expect(recorded.chats).toEqual([]);
});

it('rejects more bytes than all requests may hold, and admits later ones', async () => {
  const { rpc } = await start();
  const send = (bytes: number) => {
    const value = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(bytes) }] }));
    return call((done) => rpc.generate({ request: { $case: 'openaiRequest', value } }, token(), done));
  };
  await expect(send(2 << 20)).rejects.toMatchObject({ code: status.UNAVAILABLE });
  for (let index = 0; index < 3; index++) await send(600_000);
});
