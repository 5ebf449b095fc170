import { randomUUID } from 'node:crypto';
import { readSseEvents, streamChunks } from '@prodigon/api-client';
import { AppError } from '@prodigon/contracts';
import { type TurnEvent, turnEventSchemas } from '@prodigon/contracts/conversations';
import {
  createCallContext,
  createHttpServer,
  createLifecycle,
  createLogger,
  createMetrics,
  responseScope,
} from '@prodigon/platform';
import type {
  CallContext,
  Completion,
  ContentEvent,
  GenerationHolder,
  GenerationOutcome,
  ModelClient,
  ModelStream,
} from '@prodigon/ports';
import { createGenerationHolderClient } from '@prodigon/service-clients';
import { onTestFinished } from 'vitest';
import { type ChatServiceDependencies, createChatService } from '../index.ts';
import { createMemoryChatStores } from '../memory-chat-stores.test-support.ts';
import type { TurnModel } from './conversation-history.ts';

export const internalToken = 'internal-token-of-the-tests';

/** A response that the test sends piece by piece. */
export interface FakeResponse {
  readonly request: Parameters<ModelClient['stream']>[0];
  readonly context: CallContext;
  send(...events: (string | ContentEvent)[]): void;
  end(finish?: string): void;
  fail(error: AppError): void;
}

/** Creates a model whose responses the test controls. */
export function createFakeModel() {
  const responses: FakeResponse[] = [];
  let refusal: AppError | undefined;

  const stream: ModelClient['stream'] = async (request, context) => {
    if (refusal) throw refusal;
    context.signal.throwIfAborted();
    const events: ContentEvent[] = [];
    let isEnded = false;
    let error: AppError | undefined;
    let wake = () => {};
    const { promise: outcome, resolve } = Promise.withResolvers<GenerationOutcome>();
    const finishWith = (status: GenerationOutcome['status'], finish: string | null) => {
      resolve({ ...OUTCOME, status, finish, error });
      isEnded = true;
      wake();
    };
    const fail = (failure: AppError) => {
      error = failure;
      finishWith(failure.code === 'CANCELLED' ? 'cancelled' : 'failed', null);
    };
    context.signal.addEventListener('abort', () => isEnded || fail(AppError.from(context.signal.reason)), { once: true });
    responses.push({
      request,
      context,
      send(...added) {
        events.push(...added.map((each) => (typeof each === 'string' ? { type: 'text' as const, text: each } : each)));
        wake();
      },
      end: (finish = 'stop') => finishWith('completed', finish),
      fail,
    });
    const result: ModelStream = {
      model: 'fake',
      provider: 'faker',
      attempts: [{ provider: 'faker', model: 'fake', error: null, latencyMs: 1 }],
      warning: null,
      rateLimits: null,
      outcome,
      async *bytes() {},
      async *events() {
        for (;;) {
          yield* events.splice(0);
          if (error) throw error;
          if (isEnded) return;
          await new Promise<void>((continued) => (wake = continued));
        }
      },
    };
    return result;
  };

  /** Returns the response number `index` once the platform has called the model. */
  async function response(index = responses.length): Promise<FakeResponse> {
    for (;;) {
      const found = responses[index];
      if (found) return found;
      await new Promise(setImmediate);
    }
  }
  const complete: ModelClient['complete'] = async () => ({ text: 'A title by the model' }) as Completion;
  return {
    stream,
    complete,
    response,
    responses,
    refuse(error: AppError) {
      refusal = error;
    },
  };
}

const OUTCOME = {
  usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
  estimated: false,
  costUsd: 0.5,
  timings: { ttftMs: 1, totalMs: 2 },
  sequence: 0,
};

export const MODEL: TurnModel = {
  id: 'fake',
  model: 'fake',
  isOffline: false,
  contextTokens: 1_000,
  outputTokensMax: 100,
  warning: null,
};

export interface ChatHarnessOptions extends Partial<Pick<ChatServiceDependencies, 'readAttachments' | 'models'>> {
  readonly stores?: ReturnType<typeof createMemoryChatStores>;
  readonly timings?: ChatServiceDependencies['timings'];
  readonly drainTimeoutMs?: number;
}

/** Starts the conversations of one gateway, with its server for other gateways. The header `x-owner` names the owner. */
export async function startChat(options: ChatHarnessOptions = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: 'test', level: 'trace', secrets: [], destination });
  const metrics = createMetrics();
  const lifecycle = createLifecycle({ drainTimeoutMs: options.drainTimeoutMs ?? 5_000, graceMs: 5_000 });
  const { stores = createMemoryChatStores() } = options;
  const fake = createFakeModel();
  const holders = createGenerationHolderClient({ internalToken, connectTimeoutMs: 5_000 });
  const holder: { id: string; url: string } = { id: randomUUID(), url: '' };
  const principalOf = (headers: Record<string, unknown>) => ({ id: String(headers['x-owner'] ?? 'ada') });
  const admitted = { active: 0, ended: 0, refusal: undefined as AppError | undefined };
  const chat = createChatService({
    stores,
    model: fake,
    models: options.models ?? { resolve: async () => MODEL },
    calls: {
      createContext: (request, reply) =>
        createCallContext(request, responseScope(reply), {
          lifecycle,
          timeoutMs: 60_000,
          principal: principalOf(request.headers),
        }),
      admit(request, scope) {
        if (admitted.refusal) throw admitted.refusal;
        admitted.active += 1;
        scope.onEnd(() => {
          admitted.active -= 1;
          admitted.ended += 1;
        });
        return createCallContext(request, scope, { lifecycle, timeoutMs: 60_000, principal: principalOf(request.headers) });
      },
    },
    holder: holder satisfies GenerationHolder,
    holders,
    readAttachments: options.readAttachments,
    hasModelTitles: true,
    lifecycle,
    metrics,
    logger,
    timings: { writeMs: 20, pollMs: 20, retryMs: 5, ...options.timings },
  });
  const authentication = {
    clients: { keys: { authenticate: () => null }, isKeyRequired: false },
    internalToken,
    openMetrics: true,
  };
  const server = await createHttpServer({ service: 'gateway', logger, metrics, authentication, plugins: chat.plugins });
  const internal = await createHttpServer({
    service: 'gateway',
    logger,
    metrics,
    authentication: { internalToken, openMetrics: false },
    http2: true,
    plugins: chat.internalPlugins,
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  holder.url = await internal.listen({ host: '127.0.0.1', port: 0 });
  const closeServers = async () => void (await Promise.all([server.close(), internal.close()]));
  onTestFinished(async () => {
    await chat.close();
    await closeServers();
    await holders.close();
  });

  const call = (method: string, path: string, { body, headers, signal }: CallOptions = {}) =>
    fetch(`${url}/api/v1${path}`, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  return {
    url,
    internalUrl: holder.url,
    close: () => chat.close(),
    stores,
    fake,
    metrics,
    lifecycle,
    admitted,
    lines,
    call,
    closeServers,
    createConversation: (conversation = {}, owner = 'ada') => stores.conversations.create(owner, conversation),
    turn: (conversationId: string, body: object, callOptions: CallOptions = {}) =>
      call('POST', `/chat/sessions/${conversationId}/turns`, { ...callOptions, body }),
    resume: (generationId: string, after?: number, callOptions: CallOptions = {}) =>
      call('GET', `/generations/${generationId}/stream${after === undefined ? '' : `?after=${after}`}`, callOptions),
    cancel: (generationId: string, callOptions: CallOptions = {}) =>
      call('POST', `/generations/${generationId}/cancel`, callOptions),
  };
}
export type ChatHarness = Awaited<ReturnType<typeof startChat>>;

interface CallOptions {
  readonly body?: object;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** Reads the events of a response as they arrive. */
export function eventsOf(response: Response): AsyncGenerator<TurnEvent> {
  return readSseEvents(turnEventSchemas, streamChunks(response.body as ReadableStream<Uint8Array>));
}

export async function readAll(response: Response): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of eventsOf(response)) events.push(event);
  return events;
}

/** Returns the next event of a kind. */
export async function nextEvent<Name extends TurnEvent['event']>(
  events: AsyncGenerator<TurnEvent>,
  name: Name,
): Promise<Extract<TurnEvent, { event: Name }>> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`The stream ended before ${name}.`);
    if (value.event === name) return value as Extract<TurnEvent, { event: Name }>;
  }
}

export function textOf(events: readonly TurnEvent[]): string {
  return events.map(({ event, data }) => (event === 'token' ? data : '')).join('');
}
