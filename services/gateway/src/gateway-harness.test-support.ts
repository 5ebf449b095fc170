import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChatServiceDependencies, createChatFiles, createChatService } from '@prodigon/chat-service';
import type { ApiKeyLimits } from '@prodigon/contracts';
import { createModelService, type RetryPolicy } from '@prodigon/model-service';
import { createInferenceGrpcService } from '@prodigon/model-service/grpc';
import {
  createBodyBudget,
  createHttpServer,
  createInternalContextFactory,
  createLifecycle,
  createLogger,
  createMetrics,
  createReadiness,
  healthRoutes,
  type Metrics,
  parseEnvironmentKey,
} from '@prodigon/platform';
import { createGrpcCallHandlers, createGrpcServer, createHealthService } from '@prodigon/platform/grpc';
import type {
  AttachmentStore,
  BudgetStore,
  ContentStore,
  ConversationChangeFeed,
  FileStore,
  IdempotencyStore,
  JobsClient,
  KeyDirectory,
  LabClient,
  ModelClient,
  ProviderRegistration,
  ProviderSettingsClient,
  ResponseCache,
  UsageRecord,
  UsageStore,
  WrongKeyLimiter,
} from '@prodigon/ports';
import {
  createGenerationHolderClient,
  createHttp1Transport,
  createHttp2Transport,
  createHttpServiceProbe,
  createLocalServiceProbe,
  createRemoteModelClient,
  disabledLabClient,
} from '@prodigon/service-clients';
import { createGrpcTransport } from '@prodigon/service-clients/grpc';
import {
  createFileStore,
  createMemoryLimits,
  createNoopUsageStore,
  type KeyStorage,
  type Limits,
  openChatStorage,
  openKeyStorage,
} from '@prodigon/storage';
import type { FastifyPluginAsync } from 'fastify';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { createGatewayService } from './index.ts';

/** How the gateway reaches the model service. */
export const TOPOLOGIES = ['in one process', 'over HTTP/2', 'over HTTP/1.1', 'over gRPC'] as const;
export type Topology = (typeof TOPOLOGIES)[number];
export const REMOTE_TOPOLOGIES = ['over HTTP/2', 'over HTTP/1.1', 'over gRPC'] as const;

export interface ModelOptions {
  topology: Topology;
  providers: readonly ProviderRegistration[];
  defaultModel?: string;
  fallbackModel?: string;
  policy?: Partial<RetryPolicy>;
  firstTokenMs?: number;
  idleMs?: number;
  totalTimeoutMs?: number;
  drainTimeoutMs?: number;
  usage?: UsageStore;
}

export interface GatewayOptions {
  streamsMax?: number;
  totalTimeoutMs?: number;
  drainTimeoutMs?: number;
  heartbeatMs?: number;
  openAfterMs?: number;
  /** Items of API_KEYS. Without any, clients need no key, unless `isKeyRequired` is true. */
  apiKeys?: string[];
  isKeyRequired?: boolean;
  /** Replaces the keys of `apiKeys`. */
  keys?: Pick<KeyStorage, 'store' | 'directory'>;
  budgets?: Pick<BudgetStore, 'spendingOf'>;
  wrongKeys?: WrongKeyLimiter;
  cache?: ResponseCache;
  content?: ContentStore;
  idempotency?: IdempotencyStore;
  jobs?: JobsClient;
  labs?: LabClient;
  /** Without it, conversations return 503. */
  chat?: ChatServiceDependencies['stores'] & {
    attachments?: AttachmentStore;
    files?: FileStore;
    changeFeed?: ConversationChangeFeed;
  };
  webUiDirectory?: string;
  providerSettings?: ProviderSettingsClient;
  providersLocked?: string;
  /** Limits of each owner; none by default. */
  ownerLimits?: Partial<ApiKeyLimits>;
  limiters?: Pick<Limits, 'rates' | 'streams'>;
  keyDirectory?: Pick<KeyDirectory, 'findValid' | 'chainOf'>;
  /** Registered before the routes. */
  plugins?: readonly FastifyPluginAsync[];
}

export type PlatformOptions = ModelOptions & GatewayOptions;

/** Registers a cleanup function that runs at the end of the test, or of the `describe` block. */
export type OnClose = (close: () => PromiseLike<void> | void) => void;

const internalToken = 'internal-token-of-the-tests';
const identity = { version: '0.0.0', environment: 'test' };
const GRACE_MS = 5_000;

const EMPTY_CONTENT: ContentStore = {
  list: async () => [],
  read: async () => '',
  readAsset: async () => ({ bytes: new Uint8Array(), mediaType: 'image/png' }),
  readSource: async (path) => ({ path, content: '' }),
};
const NO_LIMITS: ApiKeyLimits = { requests_per_min: null, tokens_per_min: null, streams: null };
const NO_JOBS = {} as JobsClient;
const NO_IDEMPOTENCY = {} as IdempotencyStore;
const NO_BUDGETS: Pick<BudgetStore, 'spendingOf'> = { spendingOf: async () => new Map() };
const NO_PROVIDERS: ProviderSettingsClient = {
  list: async () => [],
  save: async () => {},
  remove: async () => {},
  reload: async () => {},
};

function createMemoryLog() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { logger: createLogger({ service: 'test', level: 'trace', secrets: [], destination }), lines };
}
type MemoryLog = ReturnType<typeof createMemoryLog>;

/** Starts a model service and the gateway's client for it. */
async function startModelService(options: ModelOptions, { logger }: MemoryLog, metrics: Metrics, onClose: OnClose) {
  const { topology, totalTimeoutMs = 60_000, drainTimeoutMs = 60_000 } = options;
  const timeouts = { firstTokenMs: options.firstTokenMs ?? 30_000, idleMs: options.idleMs ?? 30_000 };
  const records: UsageRecord[] = [];
  const usage = { store: options.usage ?? recordInto(records), retentionDays: 90 };
  const service = createModelService({ ...options, timeouts, usage, metrics, logger });
  const lifecycle = createLifecycle({ drainTimeoutMs, graceMs: GRACE_MS });
  const closeService = () => service.close();
  onClose(closeService);

  let grpcPort = 0;
  async function startModelServer(port = 0) {
    const server = await createHttpServer({
      service: 'model',
      logger,
      metrics,
      authentication: { internalToken, openMetrics: false },
      http2: true,
      plugins: [
        service.routes({ createContext: createInternalContextFactory({ lifecycle, timeoutMs: totalTimeoutMs }) }),
        healthRoutes({ service: 'model', ...identity, lifecycle, metrics }),
      ],
    });
    const calls = createGrpcCallHandlers({
      service: 'model',
      logger,
      metrics,
      internalToken,
      lifecycle,
      timeoutMs: totalTimeoutMs,
    });
    const grpcServer = createGrpcServer([
      createInferenceGrpcService({ client: service.client, calls, bodyBudget: createBodyBudget(256 << 20) }),
      createHealthService({
        services: [],
        readiness: createReadiness({ service: 'model', ...identity, lifecycle }),
        lifecycle,
      }),
    ]);
    const url = await server.listen({ host: '127.0.0.1', port });
    // A server that starts again listens on the same ports.
    grpcPort = await grpcServer.listen({ host: '127.0.0.1', port: grpcPort });
    const close = async () => void (await Promise.all([server.close(), grpcServer.close()]));
    onClose(close);
    return { url, grpcUrl: `http://127.0.0.1:${grpcPort}`, server: { close } };
  }

  const modelServer = topology === 'in one process' ? undefined : await startModelServer();
  return {
    client: modelServer ? createRemoteClient(topology, modelServer, onClose) : service.client,
    modelServer,
    startModelServer,
    /** The lifecycle of the model service's own server. */
    modelLifecycle: lifecycle,
    /** Usage records written so far. The recorder writes them in batches, so call `flushUsage` first. */
    records,
    flushUsage: closeService,
  };
}

function recordInto(records: UsageRecord[]): UsageStore {
  return {
    ...createNoopUsageStore(),
    async record(added) {
      records.push(...added);
      return added.length;
    },
  };
}

function createRemoteClient(topology: Topology, { url, grpcUrl }: { url: string; grpcUrl: string }, onClose: OnClose) {
  const options = { baseUrl: url, connectTimeoutMs: 5_000 };
  const http = topology === 'over HTTP/2' ? createHttp2Transport(options) : createHttp1Transport(options);
  const transport = topology === 'over gRPC' ? createGrpcTransport({ ...options, grpcUrl, http }) : http;
  onClose(() => transport.close());
  return createRemoteModelClient({ transport, internalToken });
}

interface GatewayDependencies extends GatewayOptions {
  topology: Topology;
  model: ModelClient;
  /** URL of the model service, if it has its own server. */
  modelUrl?: string | undefined;
  log: MemoryLog;
  metrics: Metrics;
}

/** Starts the gateway's HTTP server, composed as in the apps. */
async function startGatewayServer({ topology, model, modelUrl, log, metrics, ...options }: GatewayDependencies) {
  const { drainTimeoutMs = 60_000, totalTimeoutMs = 60_000, apiKeys = [] } = options;
  const lifecycle = createLifecycle({ drainTimeoutMs, graceMs: GRACE_MS });
  const { isKeyRequired = apiKeys.length > 0, budgets = NO_BUDGETS, wrongKeys } = options;
  const API_KEYS = apiKeys.map(parseEnvironmentKey);
  const unavailable = openChatStorage({ DATABASE_URL: undefined, DATA_DIR: '' });
  const dataDirectory = await mkdtemp(join(tmpdir(), 'prodigon-gateway-'));
  const files = createFileStore(join(dataDirectory, 'attachments'));
  const stores = { ...unavailable, files, ...options.chat };
  const keys = options.keys ?? openKeyStorage({ API_KEYS, DATABASE_URL: undefined, DATA_DIR: '' });
  const gateway = createGatewayService({
    model,
    keys: {
      ...keys,
      budgets,
      isKeyRequired,
      ...(options.keyDirectory && { directory: { ...keys.directory, ...options.keyDirectory } }),
    },
    cache: options.cache,
    content: options.content ?? EMPTY_CONTENT,
    providerSettings: options.providerSettings ?? NO_PROVIDERS,
    idempotency: options.idempotency ?? NO_IDEMPOTENCY,
    logger: log.logger,
    providersLocked: options.providersLocked ?? null,
    jobs: options.jobs ?? NO_JOBS,
    labs: options.labs ?? disabledLabClient,
    conversationChanges: stores.changeFeed,
    probes: [
      createLocalServiceProbe({ name: 'gateway', readiness: createReadiness({ service: 'gateway', ...identity, lifecycle }) }),
      modelUrl
        ? createHttpServiceProbe({ name: 'model', urls: [modelUrl] })
        : createLocalServiceProbe({ name: 'model', readiness: createReadiness({ service: 'model', ...identity, lifecycle }) }),
    ],
    lifecycle,
    metrics,
    webUiDirectory: options.webUiDirectory ?? import.meta.dirname,
    ...identity,
    topology: topology === 'in one process' ? 'monolith' : 'services',
    limits: { streamsMax: options.streamsMax ?? 1_000, totalTimeoutMs, ofOwners: { ...NO_LIMITS, ...options.ownerLimits } },
    limiters: options.limiters ?? createMemoryLimits(),
    timings: { heartbeatMs: options.heartbeatMs ?? 15_000, openAfterMs: options.openAfterMs ?? 10_000 },
  });
  const chatFiles = createChatFiles({
    ...stores,
    importsDirectory: dataDirectory,
    createContext: gateway.calls.createContext,
    logger: log.logger,
  });
  const chat = createChatService({
    ...gateway,
    stores,
    readAttachments: chatFiles.readAttachments,
    holder: { id: randomUUID(), url: 'http://127.0.0.1:9' },
    holders: createGenerationHolderClient({ internalToken, connectTimeoutMs: 5_000 }),
    hasModelTitles: false,
    lifecycle,
    metrics,
    logger: log.logger,
  });
  const checks = [{ name: 'model service', required: true, check: () => gateway.checkService('model') }];
  const server = await createHttpServer({
    service: 'gateway',
    logger: log.logger,
    metrics,
    authentication: { clients: { keys: keys.directory, isKeyRequired, wrongKeys }, internalToken, openMetrics: true },
    cors: { host: '127.0.0.1', allowedOrigins: ['https://chat.example.com'], checksHost: !isKeyRequired },
    toErrorResponse: gateway.toErrorResponse,
    describeUnknownPath: gateway.describeUnknownPath,
    rewriteUrl: gateway.rewriteUrl,
    plugins: [
      ...(options.plugins ?? []),
      ...gateway.plugins,
      ...chat.plugins,
      ...chatFiles.plugins,
      healthRoutes({ service: 'gateway', ...identity, lifecycle, metrics, checks }),
    ],
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    lifecycle,
    log: () => log.lines.join(''),
    post: (path: string, body: unknown, init: RequestInit = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        ...init,
        headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async close() {
      await server.close();
      await chatFiles.close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Starts the gateway and the model service on sockets of this process, and stops them at the end of the test. */
export async function startPlatform(options: PlatformOptions, onClose: OnClose = onTestFinished) {
  const log = createMemoryLog();
  const metrics = createMetrics();
  const { client, ...modelService } = await startModelService(options, log, metrics, onClose);
  const gateway = await startGatewayServer({
    ...options,
    model: client,
    modelUrl: modelService.modelServer?.url,
    log,
    metrics,
  });
  onClose(gateway.close);
  return { ...gateway, ...modelService, metrics, gatewayMetrics: metrics };
}
export type Platform = Awaited<ReturnType<typeof startPlatform>>;

/** Runs the registered cleanup functions after the tests of a `describe` block, in reverse order. */
export function closeAfterAll(): OnClose {
  const closers: Parameters<OnClose>[0][] = [];
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });
  return (close) => void closers.push(close);
}

/**
 * Starts one gateway for the tests of a `describe` block. The returned function starts a new model service behind that
 * gateway, so that no circuit breaker or rate limit outlives a test. `metrics` are the model service's.
 */
export function shareGateway(topology: Topology): (options: ModelOptions) => Promise<Platform> {
  const log = createMemoryLog();
  let current: ModelClient | undefined;
  const model: ModelClient = {
    complete: (...call) => active().complete(...call),
    stream: (...call) => active().stream(...call),
    embed: (...call) => active().embed(...call),
    models: (...call) => active().models(...call),
    usage: (...call) => active().usage(...call),
  };
  const gatewayMetrics = createMetrics();
  let gateway: Awaited<ReturnType<typeof startGatewayServer>>;

  function active(): ModelClient {
    if (!current) throw new Error('The test has not started a model service.');
    return current;
  }

  beforeAll(async () => {
    gateway = await startGatewayServer({ topology, model, log, metrics: gatewayMetrics });
  });
  afterAll(() => gateway.close());

  return async (options) => {
    log.lines.length = 0;
    const metrics = createMetrics();
    const { client, ...modelService } = await startModelService(options, log, metrics, onTestFinished);
    current = client;
    return { ...gateway, ...modelService, metrics, gatewayMetrics };
  };
}
