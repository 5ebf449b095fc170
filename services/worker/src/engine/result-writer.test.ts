import { AppError } from '@prodigon/contracts';
import { createLogger } from '@prodigon/platform';
import type { ItemResult, LeaseStore, WorkerSession } from '@prodigon/ports';
import { expect, it } from 'vitest';
import { SettlementWriter } from './result-writer.ts';

const logger = createLogger({ service: 'test', level: 'silent', secrets: [] });
const session: WorkerSession = { id: '1', name: 'worker-1', leaseMs: 1_000 };
const settlementOf = (index: number): ItemResult => ({
  item: { jobId: 'job', index, lease: 1 },
  outcome: { type: 'failed', error: { code: 'INFERENCE_ERROR', message: 'It broke.' }, latencyMs: 1 },
});

/** A writer over a leaseStore whose `recordResults` is this function. */
function setUp(recordResults: LeaseStore['recordResults']) {
  const settled: { index: number; code: string; isRefused: boolean }[] = [];
  const writer = new SettlementWriter({
    leaseStore: { recordResults } as LeaseStore,
    logger,
    onSettled: ({ item, outcome }, isRefused) =>
      settled.push({ index: item.index, code: outcome.type === 'failed' ? outcome.error.code : '', isRefused }),
  });
  const finish = () => writer.flush(new AbortController().signal);
  return { writer, settled, finish };
}

it('writes what comes during a write together with the next one', async () => {
  const batches: number[] = [];
  const { writer, finish } = setUp(async (_session, settlements) => {
    batches.push(settlements.length);
    await new Promise((resolve) => setImmediate(resolve));
    return { refused: [] };
  });
  for (let index = 0; index < 5; index += 1) writer.add(session, settlementOf(index));
  await finish();
  expect(batches).toEqual([1, 4]);
});

it('keeps an outcome until the database is back', async () => {
  let failures = 3;
  const { writer, settled, finish } = setUp(async () => {
    failures -= 1;
    if (failures >= 0) throw new AppError('SERVICE_UNAVAILABLE');
    return { refused: [] };
  });
  writer.add(session, settlementOf(7));
  await finish();
  expect(settled).toEqual([{ index: 7, code: 'INFERENCE_ERROR', isRefused: false }]);
});

it('tells which outcomes came too late', async () => {
  const { writer, settled, finish } = setUp(async (_session, settlements) => ({
    refused: settlements.map(({ item }) => item).filter(({ index }) => index === 1),
  }));
  for (const index of [0, 1, 2]) writer.add(session, settlementOf(index));
  await finish();
  expect(settled.filter(({ isRefused }) => isRefused).map(({ index }) => index)).toEqual([1]);
});

it('does not let one outcome that cannot be stored hold up the others', async () => {
  const { writer, settled, finish } = setUp(async (_session, settlements) => {
    const isPoisoned = settlements.some(
      ({ item, outcome }) => item.index === 2 && outcome.type === 'failed' && outcome.error.code !== 'INTERNAL_ERROR',
    );
    if (isPoisoned) throw new Error('value out of range');
    return { refused: [] };
  });
  for (let index = 0; index < 5; index += 1) writer.add(session, settlementOf(index));
  await finish();
  expect(settled.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4]);
  expect(settled.find(({ index }) => index === 2)?.code).toBe('INTERNAL_ERROR');
});

it('never writes outcomes of two sessions as those of one', async () => {
  const other = { ...session, id: '2' };
  const written: string[] = [];
  const { writer, finish } = setUp(async ({ id }, settlements) => {
    written.push(`${id}: ${settlements.map(({ item }) => item.index)}`);
    return { refused: [] };
  });
  for (const index of [0, 1]) writer.add(session, settlementOf(index));
  for (const index of [2, 3]) writer.add(other, settlementOf(index));
  await finish();
  expect(written).toEqual(['1: 0', '1: 1', '2: 2,3']);
});
