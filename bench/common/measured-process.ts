import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 1;

export interface ProcessOptions {
  readonly program: string;
  readonly parameters: readonly string[];
  /** All of its environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Where it will answer. Without it, it says so itself by a message `{ type: 'ready', url }`. */
  readonly url?: string;
}

export interface MeasuredProcess {
  readonly pid: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a program and resolves when it answers. Rejects with what it wrote last when it ends before. */
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
  const gaveUp = new AbortController();
  try {
    const where = await Promise.race([
      url ? answering(url, gaveUp.signal) : said(child),
      ended.then(() => Promise.reject(new Error(`${program} ended before it answered: ${errors.trim()}`))),
      wait(READY_WITHIN_MS, null, { signal: gaveUp.signal }).then(() => Promise.reject(new Error(`${program} did not answer`))),
    ]);
    return { pid: child.pid ?? -1, url: where, close: () => end(child, ended) };
  } catch (error) {
    await end(child, ended);
    throw error;
  } finally {
    gaveUp.abort();
  }
}

async function said(child: ChildProcess): Promise<string> {
  const [message] = await once(child, 'message');
  return (message as { url: string }).url;
}

async function answering(url: string, signal: AbortSignal): Promise<string> {
  while (!signal.aborted) {
    const isThere = await fetch(url).then(
      (answer) => answer.arrayBuffer().then(() => true),
      () => false,
    );
    if (isThere) break;
    await wait(LOOK_EVERY_MS);
  }
  return url;
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGKILL');
  await ended;
}
