import { resolve } from 'node:path';
import { resolveInternalToken } from '../config/internal-token.ts';
import { loadConfiguration } from '../config/load-configuration.ts';
import { loadModelsFile } from '../config/load-models-file.ts';
import { secretsOf } from '../config/settings.ts';
import { REPOSITORY_ROOT, VERSION } from '../repository.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { Lifecycle } from './graceful-shutdown.ts';

/** What every process needs before it names its parts. Throws a `ConfigurationError`. */
export function prepareProcess({ service, env }: { service: string; env: NodeJS.ProcessEnv }) {
  const configuration = loadConfiguration({ env, directory: REPOSITORY_ROOT });
  const models = loadModelsFile({ env, directory: REPOSITORY_ROOT, path: configuration.MODELS_FILE });
  // A relative data folder begins at the repository's root, wherever the process was started.
  const internalToken = resolveInternalToken(configuration.INTERNAL_TOKEN, resolve(REPOSITORY_ROOT, configuration.DATA_DIR));
  const secrets = [...secretsOf(configuration), ...models.providers.flatMap(({ apiKeys }) => apiKeys), internalToken];
  const logger = createLogger({ service, level: configuration.LOG_LEVEL, secrets });
  const lifecycle = new Lifecycle({ drainTimeoutMs: configuration.DRAIN_TIMEOUT_MS });
  const identity = { version: VERSION, environment: configuration.ENVIRONMENT };
  return { configuration, models, internalToken, logger, metrics: createMetrics(), lifecycle, identity };
}
