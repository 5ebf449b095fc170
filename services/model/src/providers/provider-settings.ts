import { AppError, type ProviderChange, type ProviderSettings, type ProviderState } from '@prodigon/contracts';
import {
  enableStoredProviders,
  isPlaceholderKey,
  type LoadedModelsFile,
  type Logger,
  type ModelsConfiguration,
  type ProviderDefinition,
  type ProviderSettingsStore,
  toStoredDefinition,
} from '@prodigon/platform';
import type { CallContext, ProviderSettingsClient } from '@prodigon/ports';

type ProviderData = LoadedModelsFile['definitions'][string];

export interface ProviderSettingsOptions {
  /** The models file with the providers that the environment enables. */
  models: Pick<LoadedModelsFile, 'providers' | 'definitions'>;
  store: ProviderSettingsStore;
  /** Calls a provider with its address and key, and throws its error. */
  check: (definition: ProviderDefinition, context: CallContext) => Promise<void>;
  /** Receives all enabled providers when the stored settings have changed. */
  apply: (providers: ModelsConfiguration['providers']) => void;
  logger: Logger;
  checkTimeoutMs?: number;
}

const CHECK_TIMEOUT_MS = 15_000;

/** Creates the client of the provider settings of this process. It logs the names of changed providers, but no values. */
export function createProviderSettings(options: ProviderSettingsOptions): ProviderSettingsClient {
  const { models, store, check, apply, logger, checkTimeoutMs = CHECK_TIMEOUT_MS } = options;
  const isFromEnvironment = (name: string) => models.providers.some((provider) => provider.name === name);

  function definitionOf(name: string): ProviderData {
    const data = Object.hasOwn(models.definitions, name) ? models.definitions[name] : undefined;
    if (!data) throw new AppError('NOT_FOUND', 'The platform has no provider with this name.');
    return data;
  }

  function applyStored(): void {
    const { providers, warnings } = store.read();
    for (const warning of warnings) logger.warn(warning);
    apply(enableStoredProviders(models, providers));
  }

  return {
    async list() {
      const { providers: stored } = store.read();
      return Object.entries(models.definitions).map(([name, data]): ProviderState => {
        const configured = models.providers.find((provider) => provider.name === name);
        const settings = configured || !Object.hasOwn(stored, name) ? undefined : stored[name];
        return {
          name,
          source: configured ? 'environment' : settings ? 'stored' : null,
          has_key: configured ? configured.apiKeys.length > 0 : settings?.api_key !== undefined,
          key_variable: data.key_variable ?? null,
          base_url_variable: data.base_url_variable ?? null,
          base_url: settings?.base_url ?? null,
        };
      });
    },

    async save(name, change, context) {
      const data = definitionOf(name);
      if (isFromEnvironment(name)) throw environmentError(name, data);
      const { providers: stored } = store.read();
      const settings = applyChange(change, Object.hasOwn(stored, name) ? stored[name] : undefined);
      const definition = validate(name, data, settings);
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(checkTimeoutMs)]);
      await check(definition, { ...context, signal });
      store.write(name, settings);
      logger.info({ provider: name }, `The settings of ${name} were stored`);
      applyStored();
    },

    async remove(name) {
      definitionOf(name);
      store.remove(name);
      logger.info({ provider: name }, `The stored settings of ${name} were removed`);
      applyStored();
    },

    async reload() {
      applyStored();
    },
  };
}

function environmentError(name: string, { key_variable, base_url_variable }: ProviderData): AppError {
  const variables = [key_variable, base_url_variable].filter((variable) => variable !== undefined).join(' or ');
  return new AppError('CONFLICT', `Environment variables configure ${name}. Change ${variables} instead.`);
}

/**
 * Returns the changed settings. A change without a key keeps the stored one. Throws a `VALIDATION_ERROR` when that would
 * send the key to a server that did not have it.
 */
function applyChange({ api_key, ...change }: ProviderChange, stored: ProviderSettings | undefined): ProviderSettings {
  if (api_key === null) return change;
  if (api_key !== undefined) return { ...change, api_key };
  if (stored?.api_key === undefined) return change;
  if (originOf(change) === originOf(stored)) return { ...change, api_key: stored.api_key };
  const message = 'Enter the key again: the stored key is for another server';
  throw new AppError('VALIDATION_ERROR', undefined, { details: [{ path: 'api_key', message }] });
}

const originOf = ({ base_url }: ProviderSettings) => (base_url === undefined ? undefined : new URL(base_url).origin);

/** Returns the provider with these settings. Throws a `VALIDATION_ERROR` when they are incomplete or have no effect. */
function validate(name: string, data: ProviderData, settings: ProviderSettings): ProviderDefinition {
  const { api_key, base_url } = settings;
  const details: { path: string; message: string }[] = [];
  if (api_key !== undefined && data.key_variable === undefined)
    details.push({ path: 'api_key', message: `${name} accepts no key` });
  if (api_key !== undefined && isPlaceholderKey(api_key))
    details.push({ path: 'api_key', message: 'This is a placeholder, not a key' });
  if (base_url !== undefined && data.base_url_variable === undefined)
    details.push({ path: 'base_url', message: `The address of ${name} is fixed` });
  const definition = toStoredDefinition(name, data, settings);
  if (details.length === 0 && !definition) {
    const path = data.base_url_variable !== undefined && data.base_url === undefined ? 'base_url' : 'api_key';
    details.push({ path, message: 'Required' });
  }
  if (details.length > 0 || !definition) throw new AppError('VALIDATION_ERROR', undefined, { details });
  return definition;
}
