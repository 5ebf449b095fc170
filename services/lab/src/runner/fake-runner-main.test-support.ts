import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '@prodigon/platform/configuration';
import { createFakeDescription, createFakeOutcome } from '../fake-experiment.test-support.ts';
import { runRunnerProcess } from './run-runner-process.ts';
import { RunnerError } from './task-runner.ts';

const PROGRESS = { arm: 'rest', blocks_done: 1, blocks_total: 10, share: 0.1, seconds_left: 30 };

/**
 * A runner whose experiment does what the id of its workload says. The `long` one runs until it is cancelled, together with
 * a process that ignores signals; it writes the pids of both into the folder of the task.
 */
runRunnerProcess({
  describeExperiment: async () => createFakeDescription(),
  describeChecks: async () => [{ id: 'first', title: 'The first check', stage: 'stage' }],
  async runExperiment({ folder, workload }, { signal, onProgress, onPoint }) {
    onProgress({ ...PROGRESS, phase: 'measuring' });
    onPoint({ block: 0, arm: 'rest', started_at_ms: 1, values: { rate: 100 } });
    if (workload === 'crash') process.exit(3);
    if (workload === 'fail') throw new RunnerError('The platform of an arm did not start.');
    if (workload === 'throw') throw new Error('secret reason');
    if (workload === 'long' || workload === 'stubborn') await runUntilCancelled(folder, signal);
    if (workload === 'stubborn') await new Promise(() => {});
    if (workload === 'loop') {
      reportPids(folder, process.pid);
      for (;;);
    }
    return createFakeOutcome();
  },
  async runChecks() {
    return { problem: null };
  },
  // The runner of a test starts in its folder. Others start in the repository, where no file may remain.
  sweep: async () => {
    if (process.cwd() !== REPOSITORY_ROOT) writeFileSync('swept', '');
  },
});

async function runUntilCancelled(folder: string, signal: AbortSignal): Promise<void> {
  const companion = spawn(
    process.execPath,
    ['-e', 'process.on("SIGTERM",()=>{});process.send("ready");setInterval(()=>{},1e6)'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    },
  );
  await once(companion, 'message');
  reportPids(folder, process.pid, companion.pid ?? -1);
  if (!signal.aborted) await once(signal, 'abort');
}

function reportPids(folder: string, ...pids: number[]): void {
  writeFileSync(join(folder, 'pids.json'), JSON.stringify(pids));
}
