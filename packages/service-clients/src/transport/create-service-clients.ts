import type { Configuration } from '@prodigon/platform';
import type { JobsClient, ModelClient } from '@prodigon/ports';
import { createHttp1Transport } from './http1-transport.ts';
import { createHttp2Transport } from './http2-transport.ts';
import { createHybridTransport } from './hybrid-transport.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { mergedJobActivity } from './merged-job-activity.ts';
import { mergedModelList } from './merged-model-list.ts';
import { createRemoteJobsClient } from './remote-jobs-client.ts';
import { createRemoteModelClient } from './remote-model-client.ts';

/** A remote service whose connections have to be closed. */
type Remote<Client> = Client & { close(): Promise<void> };

/**
 * The model service in other processes, over the transport that is configured. Calls are balanced over its
 * replicas; `replicas` has a client for each of them, for what has to be asked everywhere.
 */
export function createModelClient(configuration: Configuration, internalToken: string): Remote<ModelClient> {
  const { MODEL_TRANSPORT, CONNECT_TIMEOUT_MS: connectTimeoutMs } = configuration;
  const createTransport = MODEL_TRANSPORT === 'http1' ? createHttp1Transport : createHybridTransport;
  const transports = modelServiceUrls(configuration).map((baseUrl) => createTransport({ baseUrl, connectTimeoutMs }));
  const transport = createLoadBalancer({ transports });
  const replicas = transports.map((each) => createRemoteModelClient({ transport: each, internalToken }));
  return {
    ...createRemoteModelClient({ transport, internalToken }),
    models: (context) => mergedModelList(replicas, context),
    close: () => transport.close(),
  };
}

/** The worker service in other processes. Calls are balanced over its replicas, which share their database. */
export function createJobsClient(configuration: Configuration, internalToken: string): Remote<JobsClient> {
  const { CONNECT_TIMEOUT_MS: connectTimeoutMs } = configuration;
  const transports = workerServiceUrls(configuration).map((baseUrl) => createHttp2Transport({ baseUrl, connectTimeoutMs }));
  const transport = createLoadBalancer({ transports });
  const replicas = transports.map((each) => createRemoteJobsClient({ transport: each, internalToken }));
  return {
    ...createRemoteJobsClient({ transport, internalToken }),
    activity: (context) => mergedJobActivity(replicas, context),
    close: () => transport.close(),
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
