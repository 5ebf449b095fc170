import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { vi } from 'vitest';

const BIN = join(import.meta.dirname, '..', 'bin', 'prodigon.mjs');
const WAIT = { timeout: 60_000, interval: 10 };

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  stdout(): string;
  stderr(): string;
  /** Resolves with the match once standard output has it. Throws when the command has ended without. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Runs the command line as the program that it is. Standard input is empty unless `input` is given. */
export function runProdigon(args: string[], env: NodeJS.ProcessEnv, input = ''): RunningCommand {
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A command that does not read its input may be gone already.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<CommandResult>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  return {
    child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    printed: (pattern) =>
      vi.waitFor(() => {
        const match = pattern.exec(stdout);
        if (match) return match;
        const hasEnded = child.exitCode !== null || child.signalCode !== null;
        throw new Error(`${hasEnded ? 'Ended without' : 'Not yet'} ${pattern}:\n${stdout}\n${stderr}`);
      }, WAIT),
  };
}
