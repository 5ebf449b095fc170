import type { ProviderSettings } from '@prodigon/contracts';
import { type LoadedModelsFile, type ProviderDefinition, withBaseUrlSuffix } from './load-models-file.ts';
import type { ProviderData } from './models-file-schema.ts';
import { literalHeaders } from './provider-headers.ts';
import type { StoredProviders } from './provider-settings-store.ts';

/**
 * Returns the enabled providers in the order of the file: those that the environment configures, and of the others those
 * with stored settings. The two never mix, because a stored address must not receive a key of the environment, nor
 * headers with its variables.
 */
export function enableStoredProviders(
  { providers, definitions }: Pick<LoadedModelsFile, 'providers' | 'definitions'>,
  stored: StoredProviders,
): ProviderDefinition[] {
  const fromEnvironment = new Map(providers.map((provider) => [provider.name, provider]));
  return Object.entries(definitions).flatMap(([name, data]) => {
    const settings = Object.hasOwn(stored, name) ? stored[name] : undefined;
    return fromEnvironment.get(name) ?? (settings && toStoredDefinition(name, data, settings)) ?? [];
  });
}

/** Returns the definition of a provider with stored settings; undefined when it lacks an address or its required key. */
export function toStoredDefinition(
  name: string,
  data: ProviderData,
  { api_key, base_url }: ProviderSettings,
): ProviderDefinition | undefined {
  const ownAddress = data.base_url_variable === undefined ? undefined : base_url;
  const address = ownAddress ?? data.base_url;
  const apiKey = data.key_variable === undefined ? undefined : api_key;
  // The file contains the address for every installation, so only a key enables the provider.
  const lacksKey = data.key_variable !== undefined && apiKey === undefined && ownAddress === undefined;
  if (address === undefined || lacksKey) return undefined;
  const apiKeys = apiKey === undefined ? [] : [apiKey];
  return {
    ...data,
    ...{ name, apiKeys, headers: literalHeaders(data.headers), secrets: apiKeys },
    baseUrls: [withBaseUrlSuffix(address, data.base_url_suffix)],
  };
}
