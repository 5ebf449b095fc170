import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { vi } from 'vitest';
import type { CommandContext } from './command.ts';
import { runCommandLine } from './main.ts';

const ROOT = join(import.meta.dirname, '../../..');
const BIN = join(ROOT, 'apps/cli/bin/prodigon.mjs');
export const WAIT = { timeout: 100_000, interval: 10 };

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly ended: Promise<CommandResult>;
  stdout(): string;
  stderr(): string;
  /** Resolves with the match once standard output has it. Throws when the command has ended without it. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface RunOptions {
  readonly input?: string;
  /** The text that a user types at the terminal, before Enter. */
  readonly typed?: string;
  /** Standard input itself, instead of `input` or `typed`. */
  readonly stdin?: Readable;
  readonly isTTY?: boolean;
  readonly rootDirectory?: string;
}

/** Runs a command line in this process. Standard input is empty by default. */
export function runInProcess(args: string[], env: NodeJS.ProcessEnv, options: RunOptions = {}): RunningCommand {
  const { input = '', typed, isTTY = false, rootDirectory = ROOT } = options;
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  const typing = typed === undefined ? Readable.from(input ? [Buffer.from(input)] : []) : createTerminal(`${typed}\r`);
  const stdin = options.stdin ?? typing;
  const output = collect(stdout, stderr);
  const context = { env, rootDirectory, stdin, stdout, stderr } as unknown as CommandContext;
  const ended = runCommandLine(args, context).then(async (code) => {
    await Promise.all([stdout, stderr].map((stream) => finished(stream.end())));
    return { code, ...output.text() };
  });
  return watchOutput(output, ended);
}

/** Runs the command line in a separate process, for exit codes, signals and pipes. */
export function spawnProdigon(
  args: string[],
  env: NodeJS.ProcessEnv,
  input = '',
): RunningCommand & { readonly child: ChildProcess } {
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: 'pipe' });
  const output = collect(child.stdout, child.stderr);
  // A command that does not read its input may have ended already.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<CommandResult>((resolve) => child.once('close', (code) => resolve({ code, ...output.text() })));
  return { child, ...watchOutput(output, ended) };
}

export interface CliFixture {
  /** Removed by `close`. */
  readonly folder: string;
  /** An environment with free ports, offline models and a data folder, isolated from the configuration of the machine. */
  readonly env: NodeJS.ProcessEnv & { DATA_DIR: string };
  /** Runs a command in this process until it ends. */
  run(...args: string[]): Promise<CommandResult>;
  /** Runs `prodigon start` as a process and resolves with the gateway's URL when everything is ready. */
  start(...args: string[]): Promise<{ url: string; command: ReturnType<typeof spawnProdigon> }>;
  /** Stops every process and removes the folder. */
  close(): Promise<void>;
}

export function createCliFixture(variables: NodeJS.ProcessEnv = {}): CliFixture {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-cli-'));
  // As root, the embedded database runs as another user, which needs access to the folder.
  chmodSync(folder, 0o711);
  mkdirSync(join(folder, 'data'), { mode: 0o711 });
  const { PATH, HOME } = process.env;
  const ports = { GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0', LABS: 'off' };
  const env = { PATH, HOME, USE_MOCK: 'true', ...ports, ...variables, DATA_DIR: join(folder, 'data') };
  const started: ChildProcess[] = [];
  const run = (...args: string[]) => runInProcess(args, env).ended;
  return {
    folder,
    env,
    run,
    async start(...args) {
      const command = spawnProdigon(['start', ...args], env);
      started.push(command.child);
      const [, url = ''] = await command.printed(/is running: ([^\s"]+)[\s\S]*Stop {4}Ctrl-C/);
      return { url, command };
    },
    async close() {
      await run('stop');
      for (const child of started) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Returns a terminal on which `typed` is typed. Write more to type more. */
export function createTerminal(typed = '') {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  if (typed !== '') stdin.write(typed);
  return stdin;
}

interface CollectedOutput {
  text(): { stdout: string; stderr: string };
}

function collect(stdout: Readable, stderr: Readable): CollectedOutput {
  const text = { stdout: '', stderr: '' };
  stdout.setEncoding('utf8').on('data', (part: string) => (text.stdout += part));
  stderr.setEncoding('utf8').on('data', (part: string) => (text.stderr += part));
  return { text: () => ({ ...text }) };
}

function watchOutput({ text }: CollectedOutput, ended: Promise<CommandResult>): RunningCommand {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  return {
    ended,
    stdout: () => text().stdout,
    stderr: () => text().stderr,
    printed: (pattern) =>
      vi.waitFor(() => {
        const { stdout, stderr } = text();
        const match = pattern.exec(stdout);
        if (match) return match;
        throw new Error(`${hasEnded ? 'Ended without' : 'Not yet'} ${pattern}:\n${stdout}\n${stderr}`);
      }, WAIT),
  };
}
