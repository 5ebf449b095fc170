import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { runCommand } from './run-command.ts';
import type { RunnerCommand, RunnerMessage } from './runner-messages.ts';
import type { TaskRunner } from './task-runner.ts';

/** After the lab service dies, the time to stop everything. Afterwards, the process group is killed. */
export const ORPHAN_GRACE_MS = 10_000;

/**
 * Runs one command of the lab service in this process, which leads a process group of its own, and exits. SIGTERM and the
 * death of the lab service cancel the command.
 */
export function runRunnerProcess(runner: TaskRunner): void {
  const abort = new AbortController();
  const cancel = () => abort.abort(new Error('The command is cancelled.'));
  process.on('SIGTERM', cancel);
  process.on('disconnect', cancel);
  const watching = watchParent();
  process.once('message', async (command: RunnerCommand) => {
    await watching;
    const send = (message: RunnerMessage) => void process.send?.(message, undefined, undefined, () => {});
    const last = await runCommand(runner, command, { signal: abort.signal, send });
    // No other process ends what the command leaves behind.
    if (!process.connected) process.kill(-process.pid, 'SIGKILL');
    process.send?.(last, undefined, undefined, () => process.exit(0));
  });
}

/**
 * Starts a thread that watches the lab service, because an endless loop in the code of a task blocks this one. Resolves when it
 * watches: a loop that begins earlier would also block its start.
 */
async function watchParent(): Promise<void> {
  const watchdog = new Worker(new URL('./parent-watchdog.ts', import.meta.url), { workerData: { graceMs: ORPHAN_GRACE_MS } });
  watchdog.unref();
  await once(watchdog, 'message');
}
