import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program in the foreground and waits for it. Signals go on to it, so that it can end in its own way.
 * @param {string} program
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, signal?: AbortSignal}} [options] aborting `signal` asks it to end
 * @returns {Promise<number>} its exit code; 128 and the signal's number when a signal ended it
 */
export function runChild(program, args, { cwd, env, signal: stop } = {}) {
  const child = spawn(program, args, { cwd, env, stdio: 'inherit' });
  // The terminal sends Ctrl-C to everybody itself. A second one would mean "at once".
  const isAtTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const forward = (signal) => (signal === 'SIGINT' && isAtTerminal) || child.kill(signal);
  const ask = () => child.kill('SIGTERM');
  for (const signal of FORWARDED) process.on(signal, forward);
  stop?.addEventListener('abort', ask);
  if (stop?.aborted) ask();

  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${program} cannot be run: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  }).finally(() => {
    for (const signal of FORWARDED) process.off(signal, forward);
    stop?.removeEventListener('abort', ask);
  });
}
