import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ApiClient, createApiClient } from '@prodigon/api-client';
import { createStack } from '@prodigon/stack';
import { createTestDatabase } from '@prodigon/testing';

export interface SupervisedStack {
  readonly url: string;
  readonly client: ApiClient;
  /** Kills a service with SIGKILL and returns the id of the killed process. The stack restarts the service. */
  kill(service: string): Promise<number>;
  close(): Promise<void>;
}

/** Starts the services as `prodigon start` does, with a new database. */
export async function startSupervisedStack(env: Record<string, string> = {}): Promise<SupervisedStack> {
  const database = await createTestDatabase({ isMigrated: true });
  const dataDirectory = mkdtempSync(join(tmpdir(), 'prodigon-supervised-'));
  const stack = createStack({
    topology: 'services',
    rootDirectory: resolve(import.meta.dirname, '../../..'),
    env: {
      PATH: process.env.PATH,
      GATEWAY_PORT: '0',
      MODEL_PORT: '0',
      WORKER_PORT: '0',
      LABS: 'off',
      DATABASE_URL: database.url,
      DATA_DIR: dataDirectory,
      USE_MOCK: 'true',
      LOG_LEVEL: 'silent',
      ...env,
    },
  });
  const url = await stack.start();
  const client = createApiClient({ baseUrl: url });
  return {
    url,
    client,
    async kill(service) {
      const { services } = await client.overview();
      const pid = services.find(({ name }) => name === service)?.pid ?? Number.NaN;
      process.kill(pid, 'SIGKILL');
      return pid;
    },
    async close() {
      await stack.stop();
      await database.drop();
      rmSync(dataDirectory, { recursive: true });
    },
  };
}
