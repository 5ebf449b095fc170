import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { reservePort } from '@prodigon/testing';
import { BUNDLED_APPS, type BundledApp, bundlePath, writeInputs } from '../packages/stack/src/app-bundle.mjs';

const ROOT = join(import.meta.dirname, '..');
const NOT_COPIED = /(^|\/)(\.git|node_modules|coverage|\.prodigon|\.peers|\.clients|\.env)$/;
const BUILD_OUTPUT = /(^|\/)dist$/;

export interface RunningProgram {
  readonly pid: number;
  readonly ended: Promise<{ code: number | null; output: string }>;
  output(): string;
  /** Signals the whole process group, like a terminal on Ctrl-C. Does nothing after the program has ended. */
  signalAll(signal: NodeJS.Signals): void;
}

export interface RepositoryCopy {
  readonly root: string;
  /** An environment with free ports, a separate data folder and offline models, without the configuration of the machine. */
  readonly env: Record<string, string>;
  run(program: string, args: string[]): RunningProgram;
  /** Stops all running programs and waits until they have ended. */
  stopAll(): Promise<void>;
  remove(): void;
}

/**
 * Copies this repository to a temporary folder, with or without its build output. The copy uses the packages that are
 * installed here.
 */
export async function createRepositoryCopy({ isBuilt }: { readonly isBuilt: boolean }): Promise<RepositoryCopy> {
  const root = mkdtempSync(join(tmpdir(), 'prodigon-copy-'));
  const isCopied = (from: string) => !NOT_COPIED.test(from) && (isBuilt || !BUILD_OUTPUT.test(from));
  cpSync(ROOT, root, { recursive: true, filter: isCopied });
  // When root runs the tests, the database runs as another user, which must traverse the folder.
  chmodSync(root, 0o711);
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  if (isBuilt) for (const app of BUNDLED_APPS) restampInputs(root, app);
  const { PATH = '', HOME = '' } = process.env;
  const ports = {
    GATEWAY_PORT: String(await reservePort()),
    MODEL_PORT: String(await reservePort()),
    WORKER_PORT: String(await reservePort()),
    LABS: 'off',
  };
  const env = { PATH, HOME, USE_MOCK: 'true', DATA_DIR: join(root, 'data'), ...ports };
  const running = new Set<RunningProgram>();

  return {
    root,
    env,
    run(program, args) {
      const started = runInGroup(program, args, root, env);
      running.add(started);
      void started.ended.then(() => running.delete(started));
      return started;
    },
    async stopAll() {
      for (const program of running) program.signalAll('SIGTERM');
      await Promise.all([...running].map(({ ended }) => ended));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Records the modification times of the copied sources, so that the copied bundle is fresh. */
function restampInputs(root: string, app: BundledApp): void {
  const folder = dirname(bundlePath(root, app));
  const inputs: object = JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8'));
  writeInputs(root, folder, Object.keys(inputs));
}

/** Runs a program in a new process group and collects the output of the whole group. */
export function runInGroup(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): RunningProgram {
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${program} cannot be run`);
  let output = '';
  let hasEnded = false;
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  // `close` waits for the last process of the group, because all of them share the pipes.
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => {
      hasEnded = true;
      resolve({ code, output });
    }),
  );
  return { pid, ended, output: () => output, signalAll: (signal) => void (hasEnded || process.kill(-pid, signal)) };
}
