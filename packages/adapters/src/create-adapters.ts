import { type Configuration, REPOSITORY_ROOT } from '@prodigon/platform';
import type { ContentStore, JobsClient, ModelClient, ModelProvider } from '@prodigon/ports';
import { createFileContentStore } from './content/file-content-store.ts';
import { createOpenAiCompatibleProvider } from './model-provider/openai-compatible/openai-compatible-provider.ts';
import { createSimulatorProvider } from './model-provider/simulator/simulator-provider.ts';
import { createTutorProvider } from './model-provider/tutor/tutor-provider.ts';
import { createHttp1Exchange } from './transport/http1-exchange.ts';
import { createHttp2Exchange } from './transport/http2-exchange.ts';
import { createRemoteJobsClient } from './transport/remote-jobs-client.ts';
import { createRemoteModelClient } from './transport/remote-model-client.ts';

export interface ConfiguredProvider {
  provider: ModelProvider;
  defaultModel?: string | undefined;
  acceptsOtherIds: boolean;
}

/** This file is the only one that turns configuration into a choice of adapters. */
export function createContentStore({ CONTENT_DIRS }: Configuration): ContentStore {
  return createFileContentStore({ rootDirectory: REPOSITORY_ROOT, entries: CONTENT_DIRS });
}

/**
 * The providers that the configuration names, the default one first: Groq when its key is there, else
 * OpenAI or its base URL, else Ollama, else the tutor. The offline models are always offered, and never
 * stand in for a provider that fails.
 */
export function createModelProviders(configuration: Configuration, content: ContentStore): ConfiguredProvider[] {
  const offline: ConfiguredProvider[] = [
    { provider: createTutorProvider({ content }), acceptsOtherIds: false },
    { provider: createSimulatorProvider(), acceptsOtherIds: false },
  ];
  return configuration.USE_MOCK ? offline : [...createRemoteProviders(configuration), ...offline];
}

function createRemoteProviders(configuration: Configuration): ConfiguredProvider[] {
  const { GROQ_API_KEY, OPENAI_API_KEY, OPENAI_BASE_URL, OLLAMA_BASE_URL, CONNECT_TIMEOUT_MS: connectTimeoutMs } = configuration;
  const providers: ConfiguredProvider[] = [];
  if (GROQ_API_KEY) {
    const groq = { name: 'groq', baseUrl: 'https://api.groq.com/openai/v1', apiKey: GROQ_API_KEY, connectTimeoutMs };
    providers.push({
      provider: createOpenAiCompatibleProvider(groq),
      defaultModel: 'openai/gpt-oss-120b',
      acceptsOtherIds: false,
    });
  }
  if (OPENAI_BASE_URL) {
    const compatible = { name: 'openai-compatible', baseUrl: OPENAI_BASE_URL, apiKey: OPENAI_API_KEY, connectTimeoutMs };
    providers.push({ provider: createOpenAiCompatibleProvider(compatible), acceptsOtherIds: true });
  } else if (OPENAI_API_KEY) {
    const openai = {
      name: 'openai',
      baseUrl: 'https://api.openai.com/v1',
      apiKey: OPENAI_API_KEY,
      connectTimeoutMs,
      maxTokensField: 'max_completion_tokens',
    } as const;
    providers.push({ provider: createOpenAiCompatibleProvider(openai), defaultModel: 'gpt-4.1-mini', acceptsOtherIds: false });
  }
  if (OLLAMA_BASE_URL) {
    const ollama = { name: 'ollama', baseUrl: `${OLLAMA_BASE_URL.replace(/\/v1$/, '')}/v1`, connectTimeoutMs };
    providers.push({ provider: createOpenAiCompatibleProvider(ollama), acceptsOtherIds: false });
  }
  return providers;
}

/** The model service in another process, over the transport that is configured. */
export function createModelClient(configuration: Configuration, internalToken: string): ModelClient & { close(): Promise<void> } {
  const options = { baseUrl: modelServiceUrl(configuration), connectTimeoutMs: configuration.CONNECT_TIMEOUT_MS };
  const exchange = configuration.MODEL_TRANSPORT === 'http1' ? createHttp1Exchange(options) : createHttp2Exchange(options);
  return { ...createRemoteModelClient({ exchange, internalToken }), close: () => exchange.close() };
}

/** The worker service in another process. */
export function createJobsClient(configuration: Configuration, internalToken: string): JobsClient & { close(): Promise<void> } {
  const exchange = createHttp2Exchange({
    baseUrl: workerServiceUrl(configuration),
    connectTimeoutMs: configuration.CONNECT_TIMEOUT_MS,
  });
  return { ...createRemoteJobsClient({ exchange, internalToken }), close: () => exchange.close() };
}

export function modelServiceUrl({ MODEL_SERVICE_URL, INTERNAL_HOST, MODEL_PORT }: Configuration): string {
  return MODEL_SERVICE_URL ?? internalUrl(INTERNAL_HOST, MODEL_PORT);
}

export function workerServiceUrl({ WORKER_SERVICE_URL, INTERNAL_HOST, WORKER_PORT }: Configuration): string {
  return WORKER_SERVICE_URL ?? internalUrl(INTERNAL_HOST, WORKER_PORT);
}

function internalUrl(internalHost: string, port: number): string {
  const host = internalHost === '0.0.0.0' || internalHost === '::' ? '127.0.0.1' : internalHost;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
