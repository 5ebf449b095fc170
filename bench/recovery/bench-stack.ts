import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '@prodigon/platform';
import { createStack } from '@prodigon/stack';

export interface BenchStack {
  readonly url: string;
  /** Of the process that a service has now. */
  pidOf(service: string): number;
  close(): Promise<void>;
}

/** The platform as services with its supervisor, as `prodigon start` runs it, on free ports and offline models. */
export async function startBenchStack(databaseUrl: string): Promise<BenchStack> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'prodigon-recovery-'));
  const { PATH, HOME } = process.env;
  const stack = createStack({
    topology: 'services',
    rootDirectory: REPOSITORY_ROOT,
    env: {
      PATH,
      HOME,
      DATA_DIR: dataDirectory,
      DATABASE_URL: databaseUrl,
      GATEWAY_PORT: '0',
      MODEL_PORT: '0',
      WORKER_PORT: '0',
      USE_MOCK: 'true',
      LOG_LEVEL: 'silent',
    },
  });
  const url = await stack.start();
  return {
    url,
    pidOf(service) {
      const { processes } = JSON.parse(readFileSync(join(dataDirectory, 'stack.json'), 'utf8')) as {
        processes: { service: string; process: { pid: number } | null }[];
      };
      const pid = processes.find((each) => each.service === service)?.process?.pid;
      if (pid === undefined) throw new Error(`The ${service} does not run`);
      return pid;
    },
    async close() {
      await stack.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
