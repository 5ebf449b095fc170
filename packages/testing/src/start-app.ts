import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BundledApp, findAppEntry, sourcePath } from '@prodigon/stack';
import { createTestDatabase } from './postgres.ts';
import { scratchDirectory } from './shared-resources.ts';

const NEEDS_DATABASE: ReadonlySet<string> = new Set(['worker', 'monolith']);
const ROOT = resolve(import.meta.dirname, '../../..');

type AppName = Exclude<BundledApp, 'cli'>;

interface ReadyMessage {
  readonly type: string;
  readonly url: string;
  readonly grpcUrl?: string;
}

export interface AppExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningApp {
  /** Base URL of the app. */
  readonly url: string;
  /** URL for gRPC; only the model service has one. */
  readonly grpcUrl: string | undefined;
  readonly pid: number;
  readonly exited: Promise<AppExit>;
  /** Returns everything that the process has written to standard output and standard error. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Kills the process and deletes its data folder. */
  close(): Promise<void>;
}

/** An app that exited before it was ready. */
export class AppStartError extends Error {
  readonly exit: AppExit;
  readonly output: string;

  constructor(exit: AppExit, output: string) {
    super(`The app exited before it was ready (${exit.code ?? exit.signal}):\n${output}`);
    this.exit = exit;
    this.output = output;
  }
}

export interface StartAppOptions {
  readonly from?: 'bundle' | 'source';
  /** A file that replaces `/etc/hosts` for the process. Requires root on Linux. */
  readonly hostsFile?: string;
}

/** Runs a command with another `/etc/hosts`. The process that starts keeps its id and its pipes. */
const withHosts = (hostsFile: string, command: readonly string[]) => [
  'unshare',
  '--mount',
  ...['sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"', hostsFile, ...command],
];

/**
 * Starts one of `apps/` as a process on free ports, from its bundle or from source, with its own data folder. The process
 * inherits only PATH from the environment; `env` adds variables. An app that needs a database gets a new one unless `env`
 * contains `DATABASE_URL`. Resolves when the app is ready, and rejects with an `AppStartError` when it exits before.
 */
export async function startApp(
  name: AppName,
  env: Record<string, string> = {},
  { from = 'bundle', hostsFile }: StartAppOptions = {},
): Promise<RunningApp> {
  const scratch = scratchDirectory();
  const dataDirectory = mkdtempSync(join(scratch, 'prodigon-app-'));
  const needsDatabase = NEEDS_DATABASE.has(name) && env.DATABASE_URL === undefined;
  const database = needsDatabase ? await createTestDatabase({ isMigrated: true }) : null;
  const entry = from === 'source' ? sourcePath(ROOT, name) : findAppEntry(ROOT, name);
  const [program = '', ...parameters] = hostsFile ? withHosts(hostsFile, [process.execPath, entry]) : [process.execPath, entry];
  const child = spawn(program, parameters, {
    cwd: dataDirectory,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: join(scratch, 'compile-cache'),
      GATEWAY_PORT: '0',
      MODEL_PORT: '0',
      WORKER_PORT: '0',
      LAB_PORT: '0',
      CHAT_PORT: '0',
      LABS: 'off',
      DATA_DIR: dataDirectory,
      LOG_LEVEL: 'info',
      ...(database && { DATABASE_URL: database.url }),
      ...env,
    },
  });
  const output = collect(child);
  const exited = new Promise<AppExit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const ready = new Promise<ReadyMessage>((resolve) => child.on('message', (message: ReadyMessage) => resolve(message)));
  const first = await Promise.race([ready, exited]);

  const close = async () => {
    child.kill('SIGKILL');
    await exited;
    await database?.drop();
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  if (!('url' in first)) {
    await close();
    throw new AppStartError(first, output());
  }
  const { url, grpcUrl } = first;
  return { url, grpcUrl, pid: child.pid ?? -1, exited, output, kill: (signal) => void child.kill(signal), close };
}

function collect({ stdout, stderr }: ChildProcess): () => string {
  let text = '';
  for (const stream of [stdout, stderr]) stream?.setEncoding('utf8').on('data', (part: string) => (text += part));
  return () => text;
}
