import type { ProviderDefinition } from '@prodigon/platform';
import type { ReadCoalescer } from '@prodigon/platform/http-client';
import type { ModelMetadata, ModelTimeouts, ProviderRegistration } from '@prodigon/ports';
import { createOpenAiCompatibleProvider } from './openai-compatible/openai-compatible-provider.ts';

/** A provider as it stands in `config/models.yaml`: an endpoint for each of its addresses with each of its keys. */
export function createProviderEntry(
  definition: ProviderDefinition,
  { connectTimeoutMs, readCoalescer }: { connectTimeoutMs: number; readCoalescer: ReadCoalescer },
): ProviderRegistration {
  const { name, baseUrls, apiKeys, output_limit_field: outputLimitField, models, retired } = definition;
  const keys = apiKeys.length > 0 ? apiKeys : [undefined];
  const endpoints = baseUrls.flatMap((baseUrl) =>
    keys.map((apiKey) =>
      createOpenAiCompatibleProvider({ name, baseUrl, apiKey, connectTimeoutMs, outputLimitField, readCoalescer }),
    ),
  );
  return {
    endpoints,
    defaultModel: definition.default_model,
    acceptsOtherIds: definition.accepts_other_ids,
    timeouts: toTimeouts(definition.timeouts),
    models: models && Object.fromEntries(Object.entries(models).map(([id, facts]) => [id, toFacts(facts ?? {})])),
    retired,
  };
}

type FactsData = NonNullable<NonNullable<ProviderDefinition['models']>[string]>;

function toFacts({ context_tokens, output_tokens_max, timeouts, ...same }: FactsData): ModelMetadata {
  return { ...same, contextTokens: context_tokens, outputTokensMax: output_tokens_max, timeouts: toTimeouts(timeouts) };
}

function toTimeouts(data: ProviderDefinition['timeouts']): ModelTimeouts | undefined {
  return data && { firstTokenMs: data.first_token_ms, idleMs: data.idle_ms };
}
