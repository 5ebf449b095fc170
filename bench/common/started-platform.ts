import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '@prodigon/platform/configuration';
import { inspectStack } from '@prodigon/stack';

export interface StartedPlatform {
  readonly url: string;
  readonly supervisorPid: number;
  readonly processes: readonly { readonly service: string; readonly pid: number; readonly url: string | null }[];
  close(): Promise<void>;
}

/** Runs `prodigon start` in a process of its own, with a new database. Resolves when the platform is ready. */
export async function startPlatform(parameters: readonly string[], variables: NodeJS.ProcessEnv): Promise<StartedPlatform> {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-bench-'));
  // As root, the embedded database runs as another user, which needs access to the folder.
  chmodSync(folder, 0o711);
  const DATA_DIR = join(folder, 'data');
  mkdirSync(DATA_DIR, { mode: 0o711 });
  const { PATH, HOME } = process.env;
  const ports = { GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0', LABS: 'off' };
  const child = spawn(process.execPath, [join(REPOSITORY_ROOT, 'apps/cli/bin/prodigon.mjs'), 'start', ...parameters], {
    env: { PATH, HOME, LOG_LEVEL: 'error', ...ports, ...variables, DATA_DIR },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const isReady = (async () => {
    let text = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      text += chunk;
      if (text.includes('./prodigon stop')) break;
    }
  })();
  await Promise.race([isReady, ended]);
  // The pipe would fill up.
  child.stdout.resume();
  const status = inspectStack(DATA_DIR);
  if (status.phase !== 'running' || !status.state.url) {
    await close();
    throw new Error('The platform did not start.');
  }
  const { url, supervisor, processes } = status.state;
  return {
    url,
    supervisorPid: supervisor.pid,
    processes: processes.map(({ service, process, url }) => ({ service, pid: process?.pid ?? 0, url })),
    close,
  };
}
