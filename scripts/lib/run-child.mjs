import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program in the foreground, forwards signals to it and waits until it exits.
 * @param {string} program
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, signal?: AbortSignal}} [options] when `signal` aborts, the program receives SIGTERM
 * @returns {Promise<number>} the exit code, or 128 plus the signal number when a signal ended the program
 */
export function runChild(program, args, { cwd, env, signal: stop } = {}) {
  const child = spawn(program, args, { cwd, env, stdio: 'inherit' });
  // The terminal sends Ctrl-C to the whole process group. The child would interpret a forwarded second one as "kill".
  const isAtTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const forward = (signal) => (signal === 'SIGINT' && isAtTerminal) || child.kill(signal);
  const terminate = () => child.kill('SIGTERM');
  for (const signal of FORWARDED) process.on(signal, forward);
  stop?.addEventListener('abort', terminate);
  if (stop?.aborted) terminate();

  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${program} cannot be run: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  }).finally(() => {
    for (const signal of FORWARDED) process.off(signal, forward);
    stop?.removeEventListener('abort', terminate);
  });
}
