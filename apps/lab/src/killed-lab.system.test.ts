import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createLabFolder, untilGone } from './lab-processes.test-support.ts';

describe('in the middle of an experiment', () => {
  it('a killed runner fails the run, and the next one works', async () => {
    const { startLab, predict, run, untilRunning, untilEnded, progress } = await createLabFolder();
    await startLab();
    await predict();
    const { id } = await run('long');
    const pids = await untilRunning();
    process.kill(pids[0] ?? -1, 'SIGKILL');
    expect(await untilEnded(id)).toMatchObject({ status: 'failed', problem: 'The runner process ended early (SIGKILL).' });
    await untilGone(pids);
    expect(await untilEnded((await run('quick')).id)).toMatchObject({ status: 'completed', verdict: { status: 'REFUTED' } });
    expect(progress().map(({ type, status }) => [type, status])).toEqual([
      ['predicted', undefined],
      ['run_ended', 'failed'],
      ['run_ended', 'completed'],
    ]);
  });
  it('a stopped lab service cancels the run', async () => {
    const { folder, startLab, predict, run, untilRunning } = await createLabFolder();
    const lab = await startLab();
    await predict();
    const { id } = await run('long');
    const pids = await untilRunning();
    lab.kill('SIGTERM');
    await vi.waitFor(() => expect(lab.exitCode).toBe(0), { timeout: 60_000, interval: 20 });
    await untilGone(pids);
    expect(JSON.parse(readFileSync(join(folder, `my/runs/${id}.json`), 'utf8'))).toMatchObject({ status: 'cancelled' });
    expect(existsSync(join(folder, 'my/progress.jsonl'))).toBe(true);
  });
});
