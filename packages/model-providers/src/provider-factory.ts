import { baseModelId, OFFLINE_MODEL_IDS } from '@prodigon/contracts';
import { type Configuration, type ProviderDefinition, secretsOf } from '@prodigon/platform';
import { createReadCoalescer, findProxy } from '@prodigon/platform/http-client';
import type { CallContext, ContentStore, ModelMetadata, ModelTimeouts, ProviderRegistration } from '@prodigon/ports';
import { checkProvider } from './check-provider.ts';
import { createEmbedderProvider } from './embedder/embedder-provider.ts';
import { OFFLINE_CONTEXT_TOKENS } from './offline-request.ts';
import { createOpenAiCompatibleProvider, type OpenAiCompatibleOptions } from './openai-compatible/openai-compatible-provider.ts';
import { createReasonRedactor } from './openai-compatible/refusal-reason.ts';
import { createSimulatorProvider, SIMULATOR_MODEL } from './simulator/simulator-provider.ts';
import { createTutorProvider, TUTOR_MODEL } from './tutor/tutor-provider.ts';

/** Creates the providers of a process. */
export interface ProviderFactory {
  /**
   * Returns the providers of these definitions, the default one first. The offline models are always available, and never
   * replace a provider that fails. A provider whose definition is unchanged since the last call is the same object, so
   * that it keeps its health.
   */
  create(definitions: readonly ProviderDefinition[]): readonly ProviderRegistration[];
  /** Calls a provider with its address and key, and throws its error. */
  check(definition: ProviderDefinition, context: CallContext): Promise<void>;
  /** Prepares the tutor for its first question. Never rejects. */
  warmUpTutor(): Promise<void>;
}

export function createProviderFactory(configuration: Configuration, content: ContentStore): ProviderFactory {
  const { CONNECT_TIMEOUT_MS: connectTimeoutMs, USE_MOCK, ALLOW_SIMULATOR } = configuration;
  const tutor = createTutorProvider({ content });
  const offline: ProviderRegistration[] = [
    { endpoints: [tutor], models: { [TUTOR_MODEL.id]: OFFLINE_CHAT } },
    ...(ALLOW_SIMULATOR ? [{ endpoints: [createSimulatorProvider()], models: { [SIMULATOR_MODEL.id]: OFFLINE_CHAT } }] : []),
    { endpoints: [createEmbedderProvider()] },
  ];
  // Shared by all providers, because it measures how busy the whole process is.
  const readCoalescer = createReadCoalescer();
  const proxyOf = (baseUrl: string) => findProxy(configuration, new URL(baseUrl).origin);
  let created = new Map<string, ProviderRegistration>();
  return {
    create(definitions) {
      if (USE_MOCK) return offline;
      const redact = createReasonRedactor({
        secrets: [...secretsOf(configuration), ...definitions.flatMap(({ secrets }) => secrets)],
        baseUrls: definitions.flatMap(({ baseUrls }) => baseUrls),
      });
      created = new Map(
        definitions.map((definition) => {
          const key = JSON.stringify(definition);
          return [key, created.get(key) ?? toRegistration(definition, { connectTimeoutMs, readCoalescer, redact, proxyOf })];
        }),
      );
      return [...created.values(), ...offline];
    },
    check: (definition, context) => checkProvider(definition, context, { connectTimeoutMs, proxyOf }),
    warmUpTutor: () => tutor.warmUp(),
  };
}

const OFFLINE_CHAT: ModelMetadata = { contextTokens: OFFLINE_CONTEXT_TOKENS };

/** Returns whether one of the offline models has this id, which may carry parameters. */
export const isOfflineModel = (model: string): boolean => OFFLINE_MODEL_IDS.includes(baseModelId(model));

interface RegistrationOptions extends Pick<OpenAiCompatibleOptions, 'connectTimeoutMs' | 'readCoalescer' | 'redact'> {
  /** Returns the proxy for a base URL, if any. */
  readonly proxyOf: (baseUrl: string) => string | undefined;
}

/** Creates an endpoint for each address of the provider with each of its keys. */
function toRegistration(definition: ProviderDefinition, { proxyOf, ...options }: RegistrationOptions): ProviderRegistration {
  const { name, baseUrls, apiKeys, headers, output_limit_field: outputLimitField, models, retired } = definition;
  const keys = apiKeys.length > 0 ? apiKeys : [undefined];
  const endpoints = baseUrls.flatMap((baseUrl) =>
    keys.map((apiKey) =>
      createOpenAiCompatibleProvider({
        ...options,
        name,
        baseUrl,
        apiKey,
        headers,
        proxyUrl: proxyOf(baseUrl),
        outputLimitField,
      }),
    ),
  );
  return {
    endpoints,
    defaultModel: definition.default_model,
    acceptsOtherIds: definition.accepts_other_ids,
    acceptsOtherValues: definition.accepts_other_values,
    timeouts: toTimeouts(definition.timeouts),
    models: models && Object.fromEntries(Object.entries(models).map(([id, model]) => [id, toMetadata(model ?? {})])),
    retired,
  };
}

type ModelDefinition = NonNullable<NonNullable<ProviderDefinition['models']>[string]>;

function toMetadata({ context_tokens, output_tokens_max, timeouts, ...rest }: ModelDefinition): ModelMetadata {
  return { ...rest, contextTokens: context_tokens, outputTokensMax: output_tokens_max, timeouts: toTimeouts(timeouts) };
}

function toTimeouts(data: ProviderDefinition['timeouts']): ModelTimeouts | undefined {
  return data && { firstTokenMs: data.first_token_ms, idleMs: data.idle_ms };
}
