import { echoOf } from '@prodigon/testing';
import { expect, it, vi } from 'vitest';
import { nameOf, useJobWorld, WAIT } from './worker-harness.test-support.ts';

const world = useJobWorld();
const LEASE = { JOB_LEASE_MS: '2000' };

function letPass(count: number): void {
  for (let passed = 0; passed < count; passed += 1) world.provider.gate.releaseOne();
}

it.each([
  { what: 'what the other that took over has answered', answered: 2 },
  { what: 'what the other that took over still asks', answered: 0 },
])('a worker that was stopped for longer than its lease cannot overwrite $what, and works on', async ({ answered }) => {
  const other = await world.startWorker(LEASE);
  // The other is kept busy, so that the sleeper gets everything.
  const busy = await world.submit(4, 'gated');
  await world.asked(busy, 4);
  const sleeper = await world.startOtherWorker(LEASE);
  const batch = await world.submit(4, 'gated');
  await world.asked(batch, 4);

  sleeper.kill('SIGSTOP');
  letPass(4);
  await world.ended(busy);
  await world.asked(batch, 8);
  // The sleeper's answers wait for it in its sockets.
  letPass(4 + answered);
  await vi.waitFor(async () => expect((await world.recorded(batch)).size).toBe(answered), WAIT);
  const before = await world.items(batch);
  expect(before.map(({ worker, status }) => [worker, status]).sort()).toEqual([
    ...Array(4 - answered).fill([nameOf(other), 'running']),
    ...Array(answered).fill([nameOf(other), 'succeeded']),
  ]);

  // A worker that knows what it has lost writes nothing: this one does not know yet.
  await world.unansweredRenewal(sleeper, async () => {
    sleeper.kill('SIGCONT');
    await vi.waitFor(async () => expect(await world.metric(sleeper, 'job_writes_refused_total')).toBe(4), WAIT);
  });
  expect(await world.items(batch)).toEqual(before);
  letPass(4 - answered);
  expect(await world.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 4, usage: { total_tokens: 32 } });
  expect(new Set((await world.items(batch)).map(({ worker }) => worker))).toEqual(new Set([nameOf(other)]));
  expect((await world.results(batch)).map(({ response }) => response?.body.text)).toEqual(batch.prompts.map(echoOf));
  expect(batch.calls()).toHaveLength(8);

  // With a session of its own again it takes over from the other.
  const next = await world.submit(8, 'gated');
  await world.asked(next, 8);
  other.kill('SIGKILL');
  await other.exited;
  world.provider.gate.open();
  await vi.waitFor(async () => expect((await world.recorded(next)).size).toBe(8), WAIT);
  expect(await world.metric(sleeper, 'job_lease_expiries_total')).toBe(4);
});
