import {
  type Caller,
  type ContentDocument,
  type ContentTree,
  contentDocumentSchema,
  contentTreeSchema,
  type GenerateRequestInput,
  type GenerateResponse,
  generateResponseSchema,
  type Health,
  healthSchema,
  type ModelList,
  modelListSchema,
  type ProviderChange,
  type ProviderList,
  providerListSchema,
  type SourceFile,
  type SourceFolder,
  type StreamEvent,
  type SystemOverview,
  sourceSchema,
  systemOverviewSchema,
  type UsageQuery,
  type UsageReport,
  usageReportSchema,
} from '@prodigon/contracts';
import { type ConversationsApi, createConversationsApi } from './conversations-api.ts';
import { type CallInit, createHttpClient, type HttpClient, type HttpOptions, toQueryString } from './http-client.ts';
import { createJobsApi, type JobsApi } from './jobs-api.ts';
import { createKeysApi, fetchCaller, type KeysApi } from './keys-api.ts';
import { streamChunks } from './raw-events.ts';
import { readStreamEvents } from './sse-reader.ts';

export interface ApiClient {
  generate(request: GenerateRequestInput, signal?: AbortSignal): Promise<GenerateResponse>;
  /**
   * Yields typed events in order. Throws an `AppError` when the gateway rejects the request; later failures arrive as an
   * `error` event. `onWarning` receives a warning about the request before the first event, e.g. that its model is
   * retired.
   */
  stream(request: GenerateRequestInput, signal?: AbortSignal, onWarning?: (warning: string) => void): AsyncGenerator<StreamEvent>;
  readonly jobs: JobsApi;
  readonly keys: KeysApi;
  readonly conversations: ConversationsApi;
  /** Returns the owner and the key of this client. */
  me(signal?: AbortSignal): Promise<Caller>;
  models(signal?: AbortSignal): Promise<ModelList>;
  providers(signal?: AbortSignal): Promise<ProviderList>;
  /** Tests, stores and applies the settings of a provider. */
  saveProvider(name: string, change: ProviderChange, signal?: AbortSignal): Promise<ProviderList>;
  /** Deletes the stored settings of a provider. */
  removeProvider(name: string, signal?: AbortSignal): Promise<ProviderList>;
  overview(signal?: AbortSignal): Promise<SystemOverview>;
  /** Returns the usage of the API key's owner, by default of the last 30 days. */
  usage(query?: UsageQuery, signal?: AbortSignal): Promise<UsageReport>;
  /** Returns the rows of the same report as CSV. */
  usageCsv(query?: UsageQuery, signal?: AbortSignal): Promise<string>;
  health(signal?: AbortSignal): Promise<Health>;
  contentTree(signal?: AbortSignal): Promise<ContentTree>;
  content(path: string, signal?: AbortSignal): Promise<ContentDocument>;
  source(path: string, signal?: AbortSignal): Promise<SourceFile | SourceFolder>;
}

/** Everything but API keys and conversations, whose schemas the first paint of the web UI does not need. */
export type CoreApi = Omit<ApiClient, 'keys' | 'me' | 'conversations'>;

export type ApiClientOptions = HttpOptions;

/**
 * Creates a typed client of the gateway, for the web UI and the command line. Every failure is an `AppError`: the one
 * that the gateway sent, or a `GatewayConnectionError`. An aborted `signal` throws its own reason.
 */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const http = createHttpClient(options);
  return {
    ...createCoreApi(http),
    keys: createKeysApi(http),
    me: (signal) => fetchCaller(http, signal),
    conversations: createConversationsApi(http),
  };
}

export function createCoreApi(http: HttpClient): CoreApi {
  return {
    generate: (request, signal) => http.json('/api/v1/generate', generateResponseSchema, jsonPost(request, signal)),
    async *stream(request, signal, onWarning) {
      const response = await http.call('/api/v1/generate/stream', jsonPost(request, signal, { 'x-stream-version': '2' }));
      const warning = response.headers.get('x-prodigon-warning');
      if (warning) onWarning?.(warning);
      if (response.body) yield* readStreamEvents(streamChunks(response.body));
    },
    jobs: createJobsApi(http),
    models: (signal) => http.json('/api/v1/models', modelListSchema, { signal }),
    providers: (signal) => http.json('/api/v1/providers', providerListSchema, { signal }),
    saveProvider: (name, settings, signal) =>
      http.json(providerPath(name), providerListSchema, { ...jsonPost(settings, signal), method: 'PUT' }),
    removeProvider: (name, signal) => http.json(providerPath(name), providerListSchema, { method: 'DELETE', signal }),
    overview: (signal) => http.json('/api/v1/system/overview', systemOverviewSchema, { signal }),
    usage: (query = {}, signal) => http.json(`/api/v1/usage${toQueryString(query)}`, usageReportSchema, { signal }),
    usageCsv: (query = {}, signal) => http.text(`/api/v1/usage.csv${toQueryString(query)}`, { signal }),
    health: (signal) => http.json('/health', healthSchema, { signal }),
    contentTree: (signal) => http.json('/api/v1/content', contentTreeSchema, { signal }),
    content: (path, signal) => http.json(`/api/v1/content${toQueryString({ path })}`, contentDocumentSchema, { signal }),
    source: (path, signal) => http.json(`/api/v1/content/source${toQueryString({ path })}`, sourceSchema, { signal }),
  };
}

const providerPath = (name: string) => `/api/v1/providers/${encodeURIComponent(name)}`;

const jsonPost = (body: unknown, signal?: AbortSignal, headers: Record<string, string> = {}): CallInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
  signal,
});
