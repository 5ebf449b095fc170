import { findFreePort } from '@prodigon/stack';
import { createTestDatabase, MODELS_WITHOUT_BREAKER, type RunningApp, startApp, startFaultProvider } from '@prodigon/testing';

export const INTERNAL_TOKEN = 'token-of-the-fuzz-tests-0123';

export interface FuzzPlatform {
  /** Where people and clients call. */
  readonly gateway: RunningApp;
  /** Every process, by its name. */
  readonly apps: Readonly<Record<string, RunningApp>>;
  /** What no answer may tell. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

/** The platform as it is deployed, in front of a provider that answers at once. */
export async function startFuzzPlatform(topology: 'monolith' | 'services'): Promise<FuzzPlatform> {
  const [provider, database] = await Promise.all([startFaultProvider(), createTestDatabase()]);
  const shared = {
    INTERNAL_TOKEN,
    MODELS_FILE: MODELS_WITHOUT_BREAKER,
    OPENAI_BASE_URL: provider.baseUrl,
    DEFAULT_MODEL: 'healthy',
    DATABASE_URL: database.url,
    STREAMS_MAX: '200',
  };
  const apps = topology === 'monolith' ? { gateway: await startApp('monolith', shared) } : await startServices(shared);
  return {
    gateway: apps.gateway,
    apps,
    secrets: [INTERNAL_TOKEN, database.url, new URL(provider.baseUrl).host, process.cwd(), 'prodigon-app-'],
    async close() {
      await Promise.all(Object.values(apps).map((app) => app.close()));
      await Promise.all([provider.close(), database.drop()]);
    },
  };
}

async function startServices(shared: Record<string, string>) {
  const [MODEL_PORT, WORKER_PORT] = [String(await findFreePort()), String(await findFreePort())];
  const env = { ...shared, MODEL_PORT, WORKER_PORT };
  const [model, worker, gateway] = await Promise.all([startApp('model', env), startApp('worker', env), startApp('gateway', env)]);
  return { gateway, model, worker };
}
