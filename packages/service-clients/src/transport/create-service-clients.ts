import { type Configuration, hasLabs, LAB_PORT_DEFAULT, SETTINGS } from '@prodigon/platform';
import type { JobsClient, LabClient, ModelClient, ProviderSettingsClient } from '@prodigon/ports';
import { fetchMergedJobActivity, fetchMergedModelList } from './fan-out.ts';
import { createHttp1Transport } from './http1-transport.ts';
import { createHttp2Transport, createHybridTransport } from './http2-transport.ts';
import { createLazyTransport } from './lazy-transport.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { createRemoteJobsClient } from './remote-jobs-client.ts';
import { createRemoteLabClient, disabledLabClient } from './remote-lab-client.ts';
import { createRemoteModelClient } from './remote-model-client.ts';
import { createRemoteProviderSettings, createReplicatedProviderSettings } from './remote-provider-settings.ts';
import { createReplicaGroup, type ReplicaGroup } from './replica-group.ts';
import type { Transport } from './transport.ts';

/** A client whose connections must be closed. */
type Remote<Client> = Client & { close(): Promise<void> };

/** Creates a client that balances calls over the configured replicas of the model service. `models` queries all of them. */
export function createModelClient(
  configuration: Configuration,
  internalToken: string,
): Remote<ModelClient> & { readonly providerSettings: ProviderSettingsClient } {
  const { transport, replicas } = createModelReplicas(configuration);
  /** Creates a client for each current replica. */
  const each = async <Client>(create: (options: { transport: Transport; internalToken: string }) => Client) =>
    (await replicas()).map((replica) => create({ transport: replica, internalToken }));
  return {
    ...createRemoteModelClient({ transport, internalToken }),
    models: async (context) => fetchMergedModelList(await each(createRemoteModelClient), context),
    providerSettings: createReplicatedProviderSettings(createRemoteProviderSettings({ transport, internalToken }), () =>
      each(createRemoteProviderSettings),
    ),
    close: () => transport.close(),
  };
}

/** Creates the transports to the replicas of the model service. */
function createModelReplicas(configuration: Configuration): ReplicaGroup {
  const { MODEL_TRANSPORT, CONNECT_TIMEOUT_MS: connectTimeoutMs } = configuration;
  const { MODEL_REQUESTS_PER_CONNECTION: requestsPerConnectionMax } = configuration;
  const urls = modelServiceUrls(configuration);
  const group = (createTransport: (baseUrl: string) => Transport) =>
    createReplicaGroup({ urls, connectTimeoutMs, createTransport });
  if (MODEL_TRANSPORT === 'http1')
    return group((baseUrl) => createHttp1Transport({ baseUrl, connectTimeoutMs, requestsPerConnectionMax }));
  if (MODEL_TRANSPORT === 'http2') return group((baseUrl) => createHybridTransport({ baseUrl, connectTimeoutMs }));
  const grpcUrls = modelGrpcUrls(configuration);
  // A replica has two addresses here, which DNS cannot pair.
  const transports = urls.map((baseUrl, index) =>
    createLazyTransport(async () => {
      const { createGrpcTransport } = await import('./grpc-transport.ts');
      const http = createHttp1Transport({ baseUrl, connectTimeoutMs });
      return createGrpcTransport({ grpcUrl: grpcUrls[index] ?? baseUrl, connectTimeoutMs, http });
    }),
  );
  return { transport: createLoadBalancer({ transports }), replicas: async () => transports };
}

/** Creates a client that balances calls over the configured replicas of the worker service. `activity` queries all of them. */
export function createJobsClient(configuration: Configuration, internalToken: string): Remote<JobsClient> {
  const { CONNECT_TIMEOUT_MS: connectTimeoutMs } = configuration;
  const { transport, replicas } = createReplicaGroup({
    urls: workerServiceUrls(configuration),
    connectTimeoutMs,
    createTransport: (baseUrl) => createHttp2Transport({ baseUrl, connectTimeoutMs }),
  });
  return {
    ...createRemoteJobsClient({ transport, internalToken }),
    activity: async (context) => {
      const each = (await replicas()).map((replica) => createRemoteJobsClient({ transport: replica, internalToken }));
      return fetchMergedJobActivity(each, context);
    },
    close: () => transport.close(),
  };
}

/** Creates a client of the lab service. Every call throws `LABS_DISABLED` when the platform does not run the workshop. */
export function createLabClient(configuration: Configuration, internalToken: string): Remote<LabClient> {
  const [baseUrl] = labServiceUrls(configuration);
  if (baseUrl === undefined) return { ...disabledLabClient, close: async () => {} };
  const transport = createHttp2Transport({ baseUrl, connectTimeoutMs: configuration.CONNECT_TIMEOUT_MS });
  return { ...createRemoteLabClient({ transport, internalToken }), close: () => transport.close() };
}

/** Returns the base URL of the lab service without a trailing slash; empty when the platform does not run the workshop. */
export function labServiceUrls(configuration: Configuration): string[] {
  const { LAB_SERVICE_URL, INTERNAL_HOST, LAB_PORT = LAB_PORT_DEFAULT } = configuration;
  return hasLabs(configuration) ? [LAB_SERVICE_URL ?? internalUrl(INTERNAL_HOST, LAB_PORT)] : [];
}

/** Returns the base URL of each replica of the model service, without a trailing slash. */
export function modelServiceUrls({ MODEL_SERVICE_URL, INTERNAL_HOST, MODEL_PORT }: Configuration): string[] {
  return MODEL_SERVICE_URL ?? [internalUrl(INTERNAL_HOST, MODEL_PORT)];
}

/** Returns the gRPC URL of each replica of the model service. */
export function modelGrpcUrls({ MODEL_GRPC_URL, INTERNAL_HOST, MODEL_GRPC_PORT }: Configuration): string[] {
  return MODEL_GRPC_URL ?? [internalUrl(INTERNAL_HOST, MODEL_GRPC_PORT ?? Number(SETTINGS.MODEL_GRPC_PORT.default))];
}

/** Returns the base URL of each replica of the worker service, without a trailing slash. */
export function workerServiceUrls({ WORKER_SERVICE_URL, INTERNAL_HOST, WORKER_PORT }: Configuration): string[] {
  return WORKER_SERVICE_URL ?? [internalUrl(INTERNAL_HOST, WORKER_PORT)];
}

function internalUrl(internalHost: string, port: number): string {
  const host = internalHost === '0.0.0.0' || internalHost === '::' ? '127.0.0.1' : internalHost;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
