import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

const READY_TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 1;

export interface ProcessOptions {
  readonly program: string;
  readonly parameters: readonly string[];
  /** The complete environment. */
  readonly env: NodeJS.ProcessEnv;
  /** The URL to poll for readiness. Without it, the process sends a message `{ type: 'ready', url }`. */
  readonly url?: string;
}

export interface MeasuredProcess {
  readonly pid: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a program and resolves when it responds. Rejects with its last error output when it ends before, or after a minute. */
export async function startProcess({ program, parameters, env, url }: ProcessOptions): Promise<MeasuredProcess> {
  const child = spawn(program, parameters, {
    env,
    stdio: url ? ['ignore', 'ignore', 'pipe'] : ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-2_000);
  });
  const ended = once(child, 'exit');
  const finished = new AbortController();
  try {
    const readyUrl = await Promise.race([
      url ? pollUntilReady(url, finished.signal) : receiveUrl(child),
      ended.then(() => Promise.reject(new Error(`${program} ended before it responded: ${errors.trim()}`))),
      wait(READY_TIMEOUT_MS, null, { signal: finished.signal }).then(() =>
        Promise.reject(new Error(`${program} did not respond within a minute.`)),
      ),
    ]);
    return { pid: child.pid ?? -1, url: readyUrl, close: () => kill(child, ended) };
  } catch (error) {
    await kill(child, ended);
    throw error;
  } finally {
    finished.abort();
  }
}

async function receiveUrl(child: ChildProcess): Promise<string> {
  const [message] = await once(child, 'message');
  return (message as { url: string }).url;
}

async function pollUntilReady(url: string, signal: AbortSignal): Promise<string> {
  while (!signal.aborted) {
    const isReady = await fetch(url).then(
      (response) => response.arrayBuffer().then(() => true),
      () => false,
    );
    if (isReady) break;
    await wait(POLL_INTERVAL_MS);
  }
  return url;
}

async function kill(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGKILL');
  await ended;
}
