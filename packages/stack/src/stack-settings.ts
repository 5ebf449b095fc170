import { resolve } from 'node:path';
import {
  type Configuration,
  ConfigurationError,
  createSettingReader,
  EXIT_CONFIGURATION,
  loadConfiguration,
  SETTINGS,
  VERSION,
} from '@prodigon/platform/configuration';
import { StackError } from './stack-error.ts';

export interface StackSettings {
  readonly configuration: Configuration;
  readonly rootDirectory: string;
  /** DATA_DIR as an absolute path. */
  readonly dataDirectory: string;
  /** The version of the platform, e.g. `0.1.0`. */
  readonly version: string;
}

export interface SettingsOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The repository's root, with `.env`, `apps/` and a relative DATA_DIR. */
  readonly rootDirectory: string;
}

/** Loads the settings. Throws a `StackError` with exit code 78 that lists every configuration problem. */
export function loadStackSettings({ env, rootDirectory }: SettingsOptions): StackSettings {
  try {
    const configuration = loadConfiguration({ env, directory: rootDirectory });
    const dataDirectory = resolve(rootDirectory, configuration.DATA_DIR);
    return { configuration, rootDirectory, dataDirectory, version: VERSION };
  } catch (error) {
    throw toStackError(error);
  }
}

export interface ConfigurationReport {
  /** The names of the enabled providers. Empty when USE_MOCK disables all of them. */
  readonly providers: readonly string[];
  /** Whether USE_MOCK allows only the offline models. */
  readonly isMock: boolean;
  /** The proxies of providers, without user and password, by the variable that names each. */
  readonly proxies: readonly { readonly variable: string; readonly origin: string }[];
  /** Sentences about parts of the configuration that have no effect. */
  readonly warnings: readonly string[];
}

/** Checks the settings, `.env` and MODELS_FILE as the services do, which start only after the database. Throws like `loadStackSettings`. */
export async function checkConfiguration({ env, rootDirectory }: SettingsOptions): Promise<ConfigurationReport> {
  // Most commands do not need the YAML parser.
  const { loadPlatformConfiguration } = await import('@prodigon/platform/platform-configuration');
  try {
    const { configuration, providers, warnings } = loadPlatformConfiguration({ env, directory: rootDirectory });
    const proxies = (['HTTPS_PROXY', 'HTTP_PROXY'] as const).flatMap((variable) => {
      const url = configuration[variable];
      return url === undefined ? [] : [{ variable, origin: new URL(url).origin }];
    });
    const isMock = configuration.USE_MOCK;
    return { providers: isMock ? [] : providers.map(({ name }) => name), isMock, proxies, warnings };
  } catch (error) {
    throw toStackError(error);
  }
}

/** Converts a `ConfigurationError`, and returns other errors unchanged. */
export function toStackError(error: unknown): unknown {
  return error instanceof ConfigurationError ? new StackError(error.message, EXIT_CONFIGURATION, { cause: error }) : error;
}

/**
 * Returns DATA_DIR as an absolute path, even if the rest of the configuration is invalid. An unreadable `.env` is ignored,
 * so that a platform that already runs can always be inspected and stopped.
 */
export function locateDataDirectory({ env, rootDirectory }: SettingsOptions): string {
  const read = createSettingReader({ env, directory: rootDirectory }, []);
  return resolve(rootDirectory, read('DATA_DIR') ?? SETTINGS.DATA_DIR.default);
}
