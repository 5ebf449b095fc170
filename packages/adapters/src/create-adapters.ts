import { type Configuration, type ModelsConfiguration, REPOSITORY_ROOT } from '@prodigon/platform';
import type { ContentStore, JobsClient, ModelClient, ProviderEntry } from '@prodigon/ports';
import { createReadPacer } from './connections/read-pacer.ts';
import { createFileContentStore } from './content/file-content-store.ts';
import { createProviderEntry } from './model-provider/create-provider-entry.ts';
import { createEmbedderProvider } from './model-provider/embedder/embedder-provider.ts';
import { createSimulatorProvider } from './model-provider/simulator/simulator-provider.ts';
import { createTutorProvider } from './model-provider/tutor/tutor-provider.ts';
import { createBalancedExchange } from './transport/balanced-exchange.ts';
import { createHttp1Exchange } from './transport/http1-exchange.ts';
import { createHttp2Exchange } from './transport/http2-exchange.ts';
import { createRemoteJobsClient } from './transport/remote-jobs-client.ts';
import { createRemoteModelClient } from './transport/remote-model-client.ts';
import { createTwoLaneExchange } from './transport/two-lane-exchange.ts';
import { wholeJobActivity } from './transport/whole-job-activity.ts';
import { wholeModelList } from './transport/whole-model-list.ts';

/** This file is the only one that turns configuration into a choice of adapters. */
export function createContentStore({ CONTENT_DIRS }: Configuration): ContentStore {
  return createFileContentStore({ rootDirectory: REPOSITORY_ROOT, entries: CONTENT_DIRS });
}

/**
 * The providers that are turned on, the default one first. The offline models are always offered, and never stand in
 * for a provider that fails.
 */
export function createModelProviders(
  { CONNECT_TIMEOUT_MS, USE_MOCK }: Configuration,
  { providers }: ModelsConfiguration,
  content: ContentStore,
): ProviderEntry[] {
  const offline: ProviderEntry[] = [
    { endpoints: [createTutorProvider({ content })] },
    { endpoints: [createSimulatorProvider()] },
    { endpoints: [createEmbedderProvider()] },
  ];
  if (USE_MOCK) return offline;
  // One for all: how busy the process is does not depend on whom it reads.
  const options = { connectTimeoutMs: CONNECT_TIMEOUT_MS, pacer: createReadPacer() };
  return [...providers.map((definition) => createProviderEntry(definition, options)), ...offline];
}

/** A remote service whose connections have to be closed. */
type Remote<Client> = Client & { close(): Promise<void> };

/**
 * The model service in other processes, over the transport that is configured. Calls are balanced over its
 * replicas; `replicas` has a client for each of them, for what has to be asked everywhere.
 */
export function createModelClient(configuration: Configuration, internalToken: string): Remote<ModelClient> {
  const { MODEL_TRANSPORT, CONNECT_TIMEOUT_MS: connectTimeoutMs } = configuration;
  const createExchange = MODEL_TRANSPORT === 'http1' ? createHttp1Exchange : createTwoLaneExchange;
  const exchanges = modelServiceUrls(configuration).map((baseUrl) => createExchange({ baseUrl, connectTimeoutMs }));
  const exchange = createBalancedExchange({ exchanges });
  const replicas = exchanges.map((each) => createRemoteModelClient({ exchange: each, internalToken }));
  return {
    ...createRemoteModelClient({ exchange, internalToken }),
    models: (context) => wholeModelList(replicas, context),
    close: () => exchange.close(),
  };
}

/** The worker service in other processes. Calls are balanced over its replicas, which share their database. */
export function createJobsClient(configuration: Configuration, internalToken: string): Remote<JobsClient> {
  const { CONNECT_TIMEOUT_MS: connectTimeoutMs } = configuration;
  const exchanges = workerServiceUrls(configuration).map((baseUrl) => createHttp2Exchange({ baseUrl, connectTimeoutMs }));
  const exchange = createBalancedExchange({ exchanges });
  const replicas = exchanges.map((each) => createRemoteJobsClient({ exchange: each, internalToken }));
  return {
    ...createRemoteJobsClient({ exchange, internalToken }),
    activity: (context) => wholeJobActivity(replicas, context),
    close: () => exchange.close(),
  };
}

/** One for each replica, without a slash at the end. */
export function modelServiceUrls({ MODEL_SERVICE_URL, INTERNAL_HOST, MODEL_PORT }: Configuration): string[] {
  return MODEL_SERVICE_URL ?? [internalUrl(INTERNAL_HOST, MODEL_PORT)];
}

/** One for each replica, without a slash at the end. */
export function workerServiceUrls({ WORKER_SERVICE_URL, INTERNAL_HOST, WORKER_PORT }: Configuration): string[] {
  return WORKER_SERVICE_URL ?? [internalUrl(INTERNAL_HOST, WORKER_PORT)];
}

function internalUrl(internalHost: string, port: number): string {
  const host = internalHost === '0.0.0.0' || internalHost === '::' ? '127.0.0.1' : internalHost;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
