import { expect, it, vi } from 'vitest';
import { nameOf, useJobWorld, WAIT } from './worker-harness.test-support.ts';

const world = useJobWorld();
/** No lease ends while these tests run: what another worker gets has been given back. */
const NEVER = { JOB_LEASE_MS: '3600000' };

async function openSessions(): Promise<unknown[]> {
  return (await world.query('select name from worker.workers where ended_at is null')).map(({ name }) => name);
}

it('a worker that is told to stop finishes what is in flight, records it and exits with 0', async () => {
  const worker = await world.startWorker(NEVER);
  const batch = await world.submit(10, 'gated');
  await world.asked(batch, 4);
  worker.kill('SIGTERM');
  await vi.waitFor(() => expect(worker.output()).toContain('SIGTERM: draining'), WAIT);
  world.provider.gate.open();
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect((await world.recorded(batch)).size).toBe(4);
  expect(batch.calls()).toHaveLength(4);
  expect(await openSessions()).toEqual([]);

  await world.startWorker(NEVER);
  expect(await world.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 10 });
  expect(batch.calls()).toHaveLength(10);
});

it('what does not end within the drain is given back, and another worker has it at once', async () => {
  const worker = await world.startWorker({ ...NEVER, DRAIN_TIMEOUT_MS: '300' });
  const batch = await world.submit(4, 'gated');
  await world.asked(batch, 4);
  worker.kill('SIGTERM');
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  await Promise.all(batch.calls().map(({ disconnected }) => disconnected));
  expect(await openSessions()).toEqual([]);

  world.provider.gate.open();
  const next = await world.startWorker(NEVER);
  expect(await world.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 4 });
  for (const item of await world.items(batch)) expect(item).toMatchObject({ attempts: 1, worker: nameOf(next) });
});

it('what it held and had not begun is given back when the drain begins, not when it ends', async () => {
  world.provider.gate.open();
  const worker = await world.startOtherWorker({ ...NEVER, DRAIN_TIMEOUT_MS: '3600000' });
  await (await world.startWorker(NEVER)).close();
  const other = await world.startWorker({ ...NEVER, JOB_CONCURRENCY: '1' });
  const batch = await world.submit(3_000, 'gated');
  await world.hoarding(worker, batch, 4 + 1);
  worker.kill('SIGTERM');
  await vi.waitFor(async () => expect((await world.heldBy(worker)).length).toBeLessThanOrEqual(4), WAIT);
  expect(await Promise.race([worker.exited, 'it drains'])).toBe('it drains');

  world.provider.gate.open();
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect(await world.ended(batch)).toMatchObject({ status: 'completed', completed_prompts: 3_000 });
  expect(new Set(batch.calls().map(({ prompt }) => prompt)).size).toBe(batch.calls().length);
  other.kill('SIGTERM');
  expect(await other.exited).toEqual({ code: 0, signal: null });
});
