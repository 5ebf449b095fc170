import { join } from 'node:path';
import { type AppStartError, echoOf } from '@prodigon/testing';
import { describe, expect, it, vi } from 'vitest';
import { nameOf, useJobWorld, WAIT } from './worker-harness.test-support.ts';

const world = useJobWorld();

const startFailing = (env: Record<string, string>): Promise<AppStartError> =>
  world.startOtherWorker(env).then(
    () => expect.unreachable('It started.'),
    (failure) => failure,
  );

it('two workers share a job, and no prompt is asked twice', async () => {
  const workers = [await world.startWorker(), await world.startOtherWorker()];
  const batch = await world.submit(100, 'slow_20');
  expect(await world.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 100, usage: { total_tokens: 800 } });
  expect(
    batch
      .calls()
      .map(({ prompt }) => prompt)
      .sort(),
  ).toEqual([...batch.prompts].sort());
  const items = await world.items(batch);
  expect(new Set(items.map(({ worker }) => worker))).toEqual(new Set(workers.map(nameOf)));
  expect(items.map(({ output }) => output)).toEqual(batch.prompts.map(echoOf));
});

describe('with the queue in memory', () => {
  const MEMORY = { QUEUE_TYPE: 'memory' };

  it('one worker finishes what it was killed over', async () => {
    const worker = await world.startWorker(MEMORY);
    const batch = await world.submit(40, 'gated');
    await world.asked(batch, 4);
    world.provider.gate.releaseOne();
    await vi.waitFor(async () => expect((await world.recorded(batch)).size).toBe(1), WAIT);
    await world.asked(batch, 5);
    worker.kill('SIGKILL');
    await worker.exited;
    const recorded = await world.recorded(batch);
    const callsBefore = batch.calls().length;
    world.provider.gate.open();
    await world.startWorker(MEMORY);
    expect(await world.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 40, usage: { total_tokens: 320 } });
    expect(
      batch
        .calls()
        .slice(callsBefore)
        .filter(({ prompt }) => recorded.has(prompt)),
    ).toEqual([]);
    expect(batch.calls()).toHaveLength(44);
  });

  it.each([
    {
      first: 'memory',
      second: 'memory',
      sentence: 'QUEUE_TYPE is memory, which serves one worker only, and another worker of this database is running',
    },
    {
      first: 'postgres',
      second: 'memory',
      sentence: 'QUEUE_TYPE is memory, which serves one worker only, and another worker of this database is running',
    },
    {
      first: 'memory',
      second: 'postgres',
      sentence: 'Another worker of this database has QUEUE_TYPE=memory, which serves one worker only',
    },
  ])('beside a worker with $first, one with $second does not start and says why', async ({ first, second, sentence }) => {
    const worker = await world.startWorker({ QUEUE_TYPE: first });
    const { exit, output } = await startFailing({ QUEUE_TYPE: second });
    expect({ exit, output }).toEqual({
      exit: { code: 78, signal: null },
      output: `The configuration has a problem:\n  ${sentence}\n`,
    });
    world.provider.gate.open();
    expect(await world.ended(await world.submit(3, 'gated'))).toMatchObject({ status: 'completed' });
    expect(await Promise.race([worker.exited, 'it runs'])).toBe('it runs');
  });
});

describe.each([
  { clock: 'an hour ahead', shiftMs: '3600000' },
  { clock: 'an hour behind', shiftMs: '-3600000' },
])('a worker whose clock is $clock', ({ shiftMs }) => {
  const SHIFTED = {
    NODE_OPTIONS: `--import=${join(import.meta.dirname, 'shifted-clock.test-support.ts')}`,
    TEST_CLOCK_SHIFT_MS: shiftMs,
    JOB_LEASE_MS: '2000',
  };

  it('takes nothing from the others, and they get what it held once it is gone', async () => {
    const holder = await world.startWorker({ JOB_LEASE_MS: '2000' });
    const batch = await world.submit(4, 'gated');
    await world.asked(batch, 4);
    const shifted = await world.startOtherWorker(SHIFTED);
    await vi.waitFor(
      () => expect(shifted.output()).toContain(new Date(Date.now() + Number(shiftMs)).toISOString().slice(0, 13)),
      WAIT,
    );

    // Through three of its leases it looks for what others have lost.
    const seenAt = async () => {
      const [row] = await world.query('select seen_at from worker.workers where name = $1', [nameOf(shifted)]);
      return (row?.seen_at as Date | undefined)?.getTime() ?? 0;
    };
    const firstSeenAt = await vi.waitFor(async () => {
      const at = await seenAt();
      expect(at).toBeGreaterThan(0);
      return at;
    }, WAIT);
    await vi.waitFor(async () => expect(await seenAt()).toBeGreaterThan(firstSeenAt + 6_000), WAIT);
    expect(await world.metric(shifted, 'job_lease_expiries_total')).toBe(0);
    expect(batch.calls()).toHaveLength(4);

    const others = await world.submit(2, 'gated');
    await world.asked(others, 2);
    shifted.kill('SIGKILL');
    await shifted.exited;
    world.provider.gate.open();
    await vi.waitFor(async () => expect((await world.recorded(others)).size).toBe(2), WAIT);
    expect((await world.recorded(batch)).size).toBe(4);
    expect(batch.calls()).toHaveLength(4);
    expect(others.calls()).toHaveLength(4);
    expect(await world.metric(holder, 'job_lease_expiries_total')).toBe(2);
  });
});
