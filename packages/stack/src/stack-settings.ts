import { resolve } from 'node:path';
import {
  type Configuration,
  ConfigurationError,
  EXIT_CONFIGURATION,
  loadConfiguration,
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
    if (error instanceof ConfigurationError) throw new StackError(error.message, EXIT_CONFIGURATION, { cause: error });
    throw error;
  }
}
