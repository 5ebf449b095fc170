import { resolve } from 'node:path';
import { baseModelId, OFFLINE_MODEL_IDS } from '@prodigon/contracts';
import { findMalformedLines, findUnknownVariables, type SettingSources } from './dot-env.ts';
import {
  ConfigurationError,
  createSettingReader,
  isLoopback,
  LOWER_CASE_VARIABLES,
  loadConfiguration,
  requiresApiKey,
} from './load-configuration.ts';
import { type LoadedModelsFile, loadModelsFile, type ProviderDefinition } from './load-models-file.ts';
import { createProviderSettingsStore } from './provider-settings-store.ts';
import { type Configuration, SETTINGS } from './settings.ts';
import { suggest } from './similar-names.ts';
import { enableStoredProviders } from './stored-providers.ts';

export interface PlatformConfiguration {
  readonly configuration: Configuration;
  /** MODELS_FILE with the providers that the environment enables. */
  readonly models: LoadedModelsFile;
  /** All enabled providers: those of `models`, and those with stored settings. */
  readonly providers: readonly ProviderDefinition[];
  /** Sentences about parts of the configuration that have no effect. */
  readonly warnings: readonly string[];
}

/** Variables that only the command line reads, from the environment. */
const COMMAND_LINE_VARIABLES = ['PRODIGON_API_KEY'];

/**
 * Loads the settings and MODELS_FILE and checks them against each other, without any connection. Throws a
 * `ConfigurationError` that lists every problem.
 */
export function loadPlatformConfiguration(sources: SettingSources): PlatformConfiguration {
  const problems = new Set<string>();
  const configuration = collect(() => loadConfiguration(sources), problems);
  // The file is checked even if settings are invalid.
  const path = createSettingReader(sources, [])('MODELS_FILE') ?? SETTINGS.MODELS_FILE.default;
  const models = collect(() => loadModelsFile({ ...sources, path }), problems);
  const warnings = [...(models?.warnings ?? [])];
  if (models) {
    const known = new Set([...Object.keys(SETTINGS), ...models.variables, ...COMMAND_LINE_VARIABLES, ...LOWER_CASE_VARIABLES]);
    const unknown = findUnknownVariables(sources, known);
    for (const problem of [...findMalformedLines(sources.directory), ...unknown.problems]) problems.add(problem);
    warnings.unshift(...unknown.warnings);
  }
  const stored = configuration && createProviderSettingsStore(resolve(sources.directory, configuration.DATA_DIR)).read();
  warnings.push(...(stored?.warnings ?? []));
  if (configuration?.LABS && !isLoopback(configuration.HOST))
    warnings.push(`LABS is on and HOST is ${configuration.HOST}: clients on other machines can run the code in the folder my/`);
  if (configuration && isAnonymous(configuration))
    warnings.push(
      `ALLOW_ANONYMOUS is true and HOST is ${configuration.HOST}: everyone who can reach that address can use the platform without a key`,
    );
  const providers = models && stored ? enableStoredProviders(models, stored.providers) : [];
  if (configuration && models) {
    for (const problem of findMissingModels(configuration, { ...models, providers })) problems.add(problem);
  }
  if (problems.size > 0 || !configuration || !models) throw new ConfigurationError([...problems]);
  return { configuration, models, providers, warnings };
}

/** Returns whether clients on other machines need no key. */
function isAnonymous(configuration: Configuration): boolean {
  return configuration.ALLOW_ANONYMOUS && !requiresApiKey(configuration) && !isLoopback(configuration.HOST);
}

/** Returns undefined, and adds the problems of the `ConfigurationError`, when `load` throws one. */
function collect<Value>(load: () => Value, problems: Set<string>): Value | undefined {
  try {
    return load();
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown;
    for (const problem of thrown.problems) problems.add(problem);
    return undefined;
  }
}

/** Finds configured models that no enabled provider can have. A vendor may have models that the file does not list. */
function findMissingModels(configuration: Configuration, { providers, definitions }: LoadedModelsFile): string[] {
  if (configuration.USE_MOCK || providers.length > 0) return [];
  return (['DEFAULT_MODEL', 'FALLBACK_MODEL'] as const).flatMap((name) => {
    const id = configuration[name];
    if (id === undefined || OFFLINE_MODEL_IDS.includes(baseModelId(id))) return [];
    const owners = Object.entries(definitions).filter(
      ([, { models = {}, retired = {} }]) =>
        id in models || id in retired || Object.values(models).some((model) => model?.aliases?.includes(id)),
    );
    const [owner] = owners;
    const variables = owners.flatMap(([, { key_variable, base_url_variable }]) => key_variable ?? base_url_variable ?? []);
    if (owner) return [`${name} is ${JSON.stringify(id)}, a model of ${owner[0]}: set ${variables.join(' or ')}`];
    const message = `${name} is ${JSON.stringify(id)}, which no configured provider offers.`;
    return [
      `${message}${suggest(id, [...OFFLINE_MODEL_IDS, ...Object.values(definitions).flatMap(({ models = {} }) => Object.keys(models))])}`,
    ];
  });
}
