import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createTestDatabase } from './postgres.ts';

const NEEDS_DATABASE: ReadonlySet<string> = new Set(['worker', 'monolith']);
const ROOT = resolve(import.meta.dirname, '../../..');
/** The one that `prodigon start` uses, else each process would compile the same files again. */
const NODE_COMPILE_CACHE = join(ROOT, 'node_modules/.cache/prodigon');

export interface AppExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningApp {
  /** Where it listens. */
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<AppExit>;
  /** Everything it has written so far, logs and errors. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Ends it if it still runs, and removes its data folder. */
  close(): Promise<void>;
}

/** An app that ended before it was ready. */
export class AppStartError extends Error {
  readonly exit: AppExit;
  readonly output: string;

  constructor(exit: AppExit, output: string) {
    super(`The app ended before it was ready (${exit.code ?? exit.signal}):\n${output}`);
    this.exit = exit;
    this.output = output;
  }
}

/**
 * Starts one of `apps/` as the process that it is, on free ports, with a data folder of its own and none of
 * this machine's variables but those that are given. One that needs a database gets an empty one, unless one is given.
 * Resolves when it is ready.
 */
export async function startApp(
  name: 'gateway' | 'model' | 'worker' | 'monolith',
  env: Record<string, string> = {},
): Promise<RunningApp> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'prodigon-app-'));
  const database = NEEDS_DATABASE.has(name) && !env.DATABASE_URL ? await createTestDatabase() : null;
  const child = spawn(process.execPath, [join(ROOT, 'apps', name, 'src/main.ts')], {
    cwd: dataDirectory,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE,
      GATEWAY_PORT: '0',
      MODEL_PORT: '0',
      WORKER_PORT: '0',
      DATA_DIR: dataDirectory,
      LOG_LEVEL: 'info',
      ...(database && { DATABASE_URL: database.url }),
      ...env,
    },
  });
  const output = collect(child);
  const exited = new Promise<AppExit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const ready = new Promise<string>((resolve) =>
    child.on('message', (message: { type: string; url: string }) => resolve(message.url)),
  );
  const url = await Promise.race([ready, exited]);

  const close = async () => {
    child.kill('SIGKILL');
    await exited;
    await database?.drop();
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  if (typeof url !== 'string') {
    await close();
    throw new AppStartError(url, output());
  }
  return { url, pid: child.pid ?? -1, exited, output, kill: (signal) => void child.kill(signal), close };
}

function collect({ stdout, stderr }: ChildProcess): () => string {
  let text = '';
  for (const stream of [stdout, stderr]) stream?.setEncoding('utf8').on('data', (part: string) => (text += part));
  return () => text;
}
