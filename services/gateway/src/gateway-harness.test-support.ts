import { createModelService, type RetryPolicy } from '@prodigon/model-service';
import {
  createHealth,
  createHttpServer,
  createInternalContextFactory,
  createLifecycle,
  createLogger,
  createMetrics,
  healthRoutes,
} from '@prodigon/platform';
import type { ContentStore, JobsClient, ProviderRegistration, UsageStore } from '@prodigon/ports';
import {
  createHttp1Transport,
  createHttp2Transport,
  createHttpServiceProbe,
  createLocalServiceProbe,
  createRemoteModelClient,
} from '@prodigon/service-clients';
import { createNoopUsageStore } from '@prodigon/storage';
import { onTestFinished } from 'vitest';
import { createGatewayService } from './index.ts';

export const TOPOLOGIES = ['in one process', 'over HTTP/2', 'over HTTP/1.1'] as const;
export type Topology = (typeof TOPOLOGIES)[number];

export interface PlatformOptions {
  topology: Topology;
  providers: readonly ProviderRegistration[];
  defaultModel?: string;
  fallbackModel?: string;
  policy?: Partial<RetryPolicy>;
  streamsMax?: number;
  firstTokenMs?: number;
  idleMs?: number;
  totalTimeoutMs?: number;
  drainTimeoutMs?: number;
  heartbeatMs?: number;
  openAfterMs?: number;
  apiKeys?: string[];
  content?: ContentStore;
  jobs?: JobsClient;
  usage?: UsageStore;
  pageDirectory?: string;
}

const internalToken = 'internal-token-of-the-tests';
const noContent: ContentStore = {
  list: async () => [],
  read: async () => '',
  readAsset: async () => ({ bytes: new Uint8Array(), mediaType: 'image/png' }),
};

/** Nothing of these tests asks for jobs. */
const NO_JOBS = {} as JobsClient;

/** The gateway and the model service on real sockets, put together as `apps/` does it, and closed with the test. */
export async function startPlatform(options: PlatformOptions) {
  const { topology, totalTimeoutMs = 60_000, drainTimeoutMs = 60_000 } = options;
  const lines: string[] = [];
  const logger = createLogger({
    service: 'test',
    level: 'trace',
    secrets: [],
    destination: { write: (line) => void lines.push(line) },
  });
  const identity = { version: '0.0.0', environment: 'test' };
  const lifecycle = createLifecycle({ drainTimeoutMs, graceMs: 5_000 });
  const modelLifecycle = createLifecycle({ drainTimeoutMs, graceMs: 5_000 });
  const metrics = createMetrics();
  const timeouts = { firstTokenMs: options.firstTokenMs ?? 30_000, idleMs: options.idleMs ?? 30_000 };
  const usage = { store: options.usage ?? createNoopUsageStore(), retentionDays: 90 };
  const service = createModelService({ ...options, timeouts, usage, metrics, logger });
  onTestFinished(() => service.close());
  const authentication = { apiKeys: options.apiKeys ?? [], internalToken, openMetrics: true };

  async function startModelServer(port = 0) {
    const server = await createHttpServer({
      service: 'model',
      logger,
      metrics,
      authentication: { apiKeys: [], internalToken, openMetrics: false },
      http2: true,
      plugins: [
        service.routes({ createContext: createInternalContextFactory({ lifecycle: modelLifecycle, timeoutMs: totalTimeoutMs }) }),
        healthRoutes({ service: 'model', ...identity, lifecycle: modelLifecycle, metrics }),
      ],
    });
    const url = await server.listen({ host: '127.0.0.1', port });
    onTestFinished(() => server.close());
    return { url, server };
  }

  const isOneProcess = topology === 'in one process';
  const modelServer = isOneProcess ? undefined : await startModelServer();
  const gateway = createGatewayService({
    model: modelServer ? remoteClient(topology, modelServer.url) : service.client,
    content: options.content ?? noContent,
    jobs: options.jobs ?? NO_JOBS,
    probes: [
      createLocalServiceProbe({ name: 'gateway', health: createHealth({ service: 'gateway', ...identity, lifecycle }) }),
      modelServer
        ? createHttpServiceProbe({ name: 'model', url: modelServer.url })
        : createLocalServiceProbe({ name: 'model', health: createHealth({ service: 'model', ...identity, lifecycle }) }),
    ],
    lifecycle,
    metrics,
    webUiDirectory: options.pageDirectory ?? import.meta.dirname,
    ...identity,
    topology: isOneProcess ? 'monolith' : 'services',
    limits: { streamsMax: options.streamsMax ?? 1_000, totalTimeoutMs },
    timings: { heartbeatMs: options.heartbeatMs ?? 15_000, openAfterMs: options.openAfterMs ?? 10_000 },
  });
  const server = await createHttpServer({
    service: 'gateway',
    logger,
    metrics,
    authentication,
    cors: { host: '127.0.0.1', allowedOrigins: ['https://chat.example.com'], checksHost: authentication.apiKeys.length === 0 },
    toErrorResponse: gateway.toErrorResponse,
    plugins: [
      ...gateway.plugins,
      healthRoutes({
        service: 'gateway',
        ...identity,
        lifecycle,
        metrics,
        checks: [{ name: 'model service', required: true, check: gateway.isModelServiceUp }],
      }),
    ],
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());

  return {
    url,
    lifecycle,
    metrics,
    log: () => lines.join(''),
    modelServer,
    startModelServer,
    post: (path: string, body: unknown, init: RequestInit = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        ...init,
        headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

function remoteClient(topology: Topology, baseUrl: string) {
  const options = { baseUrl, connectTimeoutMs: 5_000 };
  const transport = topology === 'over HTTP/2' ? createHttp2Transport(options) : createHttp1Transport(options);
  onTestFinished(() => transport.close());
  return createRemoteModelClient({ transport, internalToken });
}
