import { answerTo } from '@prodigon/testing';
import { expect, it, vi } from 'vitest';
import { nameOf, useJobWorld, WAIT } from './job-world.test-support.ts';

const world = useJobWorld();
const LEASE = { JOB_LEASE_MS: '1000' };

it('a worker that was stopped for longer than its lease cannot overwrite the other that took over, and works on', async () => {
  const sleeper = await world.startOtherWorker(LEASE);
  const other = await world.startWorker({ ...LEASE, JOB_CONCURRENCY: '1' });
  // The other is kept busy, so that the sleeper gets something to hold.
  const busy = await world.submit(1, 'gated');
  await world.asked(busy, 1);
  const holder = (await world.items(busy))[0]?.worker;
  const batch = await world.submit(holder === nameOf(other) ? 3 : 6, 'gated');
  await vi.waitFor(async () => {
    const held = (await world.items(batch)).filter(({ worker, status }) => status === 'running' && worker === nameOf(sleeper));
    expect(held.length).toBeGreaterThanOrEqual(3);
  }, WAIT);
  await world.asked(batch, 3);
  const held = (await world.items(batch)).filter(({ worker }) => worker === nameOf(sleeper));

  sleeper.kill('SIGSTOP');
  const callsBefore = batch.calls().length;
  // Its answers wait for it in its sockets; the other worker gets new ones.
  world.provider.gate.open();
  const ended = await world.ended(batch);
  expect(ended).toMatchObject({ status: 'completed', failed_prompts: 0 });
  await world.ended(busy);
  const before = await world.items(batch);
  for (const { index } of held) expect(before[index]).toMatchObject({ status: 'succeeded', worker: nameOf(other) });
  const askedAgain = batch.calls().slice(callsBefore);
  expect(askedAgain.map(({ prompt }) => prompt)).toEqual(expect.arrayContaining(held.map(({ prompt }) => prompt)));

  sleeper.kill('SIGCONT');
  await vi.waitFor(async () => expect(await world.metric(sleeper, 'job_writes_refused_total')).toBeGreaterThanOrEqual(1), WAIT);
  expect(await world.items(batch)).toEqual(before);
  expect(await world.api.jobs.get(batch.jobId)).toEqual(ended);
  expect((await world.results(batch)).map(({ response }) => response?.body.text)).toEqual(batch.prompts.map(answerTo));

  // Alone now, with a session of its own again.
  world.provider.gate.close();
  const next = await world.submit(2, 'gated');
  await world.asked(next, 1);
  other.kill('SIGKILL');
  await other.exited;
  world.provider.gate.open();
  await vi.waitFor(async () => expect((await world.recorded(next)).size).toBe(2), WAIT);
  const rows = await world.query(
    'select w.name from worker.job_items i join worker.workers w on w.id = i.worker_id where job_id = $1',
    [next.jobId],
  );
  expect(rows.map(({ name }) => name)).toContain(nameOf(sleeper));
});
