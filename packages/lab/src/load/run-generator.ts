import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Pin } from '../processes/pin.ts';
import type { FromGenerator, ToGenerator } from './generator/messages.ts';
import type { LoadPlan } from './load-plan.ts';
import type { LoadResult } from './load-result.ts';

const ENTRY = join(import.meta.dirname, 'generator/main.ts');

export interface GeneratorOptions {
  readonly pin?: Pin | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Runs when the measurement window opens. The window closes when it resolves. */
  readonly whileOpen?: (() => Promise<void>) | undefined;
  /** Starts the child process. Tests replace it. */
  readonly start?: () => ChildProcess;
}

/** Runs a load in a child process, which has exited when the promise settles. Rejects with the reason of an aborted signal. */
export async function runGenerator(
  plan: LoadPlan,
  { pin, signal, whileOpen, start = startGenerator }: GeneratorOptions,
): Promise<LoadResult> {
  signal?.throwIfAborted();
  const child = start();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const outcome = Promise.withResolvers<LoadResult>();
  const send = (message: ToGenerator) => void child.send(message, () => {});
  const onMessage = async (message: FromGenerator) => {
    if (message.type === 'result') outcome.resolve(message.result);
    else if (message.type === 'failed') outcome.reject(new Error(`The load generator failed: ${message.message}`));
    else if (message.type === 'ready') {
      if (child.pid !== undefined) pin?.helpers([child.pid]);
      send({ type: 'run', plan });
    } else if (whileOpen) {
      await whileOpen();
      send({ type: 'stop' });
    }
  };
  child.on('message', (message: FromGenerator) => void onMessage(message).catch(outcome.reject));
  child.on('error', outcome.reject);
  void ended.then(() => outcome.reject(new Error('The load generator exited without a result.')));
  const onAbort = () => outcome.reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await outcome.promise;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    child.kill('SIGKILL');
    await ended;
  }
}

function startGenerator(): ChildProcess {
  return spawn(process.execPath, [ENTRY], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH },
  });
}
