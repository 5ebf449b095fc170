import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { matrixOf } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { createLabFolder, kill, untilGone } from './lab-processes.test-support.ts';

describe('in the middle of an experiment', () => {
  it.each(matrixOf(['long', 'loop'], (workload) => workload === 'long'))(
    'a killed lab service takes a runner in "%s" with it, and the next one continues',
    async (workload) => {
      const { folder, startLab, predict, run, find, untilRunning, untilEnded, untilPortFree } = await createLabFolder();
      const lab = await startLab();
      await predict();
      const { id } = await run(workload);
      const pids = await untilRunning();
      await kill(lab);
      await untilPortFree();
      await startLab();
      await untilGone(pids);
      expect(await find(id)).toMatchObject({ status: 'failed', problem: 'The lab service stopped before the run ended.' });
      expect(await untilEnded((await run('quick')).id)).toMatchObject({ status: 'completed', prediction: { choice: 'more' } });
      expect(readdirSync(join(folder, 'my')).filter((name) => name.startsWith('.'))).toEqual([]);
    },
  );
});

describe.each(matrixOf(['while an experiment runs'], () => false))('%s', () => {
  it.each(['long', 'loop'])('a runner in "%s" ends with its killed lab service, without another one', async (workload) => {
    const { startLab, predict, run, untilRunning } = await createLabFolder();
    const lab = await startLab();
    await predict();
    await run(workload);
    const pids = await untilRunning();
    await kill(lab);
    await untilGone(pids);
  });
  it('a killed supervisor takes the lab service and its runner with it, and the next one continues', async () => {
    const { folder, startSupervisor, predict, run, find, untilRunning, untilEnded, untilPortFree } = await createLabFolder();
    const supervisor = await startSupervisor();
    await predict();
    const { id } = await run('long');
    const pids = await untilRunning();
    const { processes } = JSON.parse(readFileSync(join(folder, 'data/stack.json'), 'utf8'));
    await kill(supervisor);
    await untilGone([...pids, ...processes.map(({ process }: { process: { pid: number } }) => process.pid)]);
    await untilPortFree();
    await startSupervisor();
    expect(await find(id)).toMatchObject({ status: 'cancelled' });
    expect(await untilEnded((await run('quick')).id)).toMatchObject({ status: 'completed' });
  });
});
