import type { Configuration } from '@prodigon/platform';
import type { JobsClient, ModelClient } from '@prodigon/ports';
import { createBalancedExchange } from './balanced-exchange.ts';
import { createHttp1Exchange } from './http1-exchange.ts';
import { createHttp2Exchange } from './http2-exchange.ts';
import { createRemoteJobsClient } from './remote-jobs-client.ts';
import { createRemoteModelClient } from './remote-model-client.ts';
import { createTwoLaneExchange } from './two-lane-exchange.ts';
import { wholeJobActivity } from './whole-job-activity.ts';
import { wholeModelList } from './whole-model-list.ts';

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
