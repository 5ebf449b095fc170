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

/** Checks MODELS_FILE, because the services read it only after the database has started. Throws like `loadStackSettings`. */
export async function checkModelsFile({ env, rootDirectory }: SettingsOptions, { configuration }: StackSettings): Promise<void> {
  // Only the start of the platform needs the YAML parser.
  const { loadModelsFile } = await import('@prodigon/platform/models-file');
  try {
    loadModelsFile({ env, directory: rootDirectory, path: configuration.MODELS_FILE });
  } catch (error) {
    throw toStackError(error);
  }
}

function toStackError(error: unknown): unknown {
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
