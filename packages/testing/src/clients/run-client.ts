import { type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Ten times as long as the slowest client needs on a quiet machine. Installations download up to 500 MB. */
export const RUN_DEADLINE_MS = 240_000;
export const INSTALLATION_DEADLINE_MS = 420_000;

const OUTPUT_SHOWN = 4_000;

export interface ClientRun extends Pick<SpawnOptions, 'cwd' | 'env'> {
  /** E.g. `Codex resumes its session`. */
  readonly title: string;
  readonly program: string;
  readonly parameters: readonly string[];
  readonly deadlineMs?: number;
}

/**
 * Runs a client until it exits with code 0, and returns its standard output. Otherwise throws an error that ends with the
 * client's last output. Prints the title and the seconds.
 */
export async function runClient(run: ClientRun): Promise<string> {
  const { title, program, parameters, cwd, env = process.env, deadlineMs = RUN_DEADLINE_MS } = run;
  const startedAt = performance.now();
  // A group of its own, so that its child processes end with it.
  const child = spawn(program, parameters, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
    output += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => (output += part));
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    endGroup(child.pid);
  }, deadlineMs);
  const result = await new Promise<number | string | null>((resolve) => {
    child.once('error', ({ message }) => resolve(message)).once('close', (code, signal) => resolve(code ?? signal));
    // A background process of the client may keep its output open.
    child.once('exit', () => endGroup(child.pid));
  });
  clearTimeout(deadline);
  const seconds = `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
  process.stdout.write(`${result === 0 ? '✓' : '×'} ${title} (${seconds})\n`);
  if (result === 0) return stdout;
  const cause = isLate ? `has not finished after ${seconds}` : `failed (${result})`;
  throw new Error(`${title}: ${program} ${cause}. Its last output:\n${output.slice(-OUTPUT_SHOWN)}`);
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them have ended.
  }
}

/** Ends the background processes that a client started with this home folder. Only Linux lists them. */
export function endProcessesOf(home: string): void {
  const variable = `HOME=${home}\0`;
  const pids = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  for (const pid of pids) {
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'utf8').includes(variable)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended, or belongs to another user.
    }
  }
}
