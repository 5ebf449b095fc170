import { AppError } from '@prodigon/contracts';
import { createLogger } from '@prodigon/platform';
import type { ItemResult, LeaseStore, WorkerSession } from '@prodigon/ports';
import { expect, it } from 'vitest';
import { createResultWriter } from './result-writer.ts';

const logger = createLogger({ service: 'test', level: 'silent', secrets: [] });
const session: WorkerSession = { id: '1', name: 'worker-1', leaseMs: 1_000 };
const resultOf = (index: number): ItemResult => ({
  item: { jobId: 'job', index, lease: 1 },
  outcome: { type: 'failed', error: { code: 'INFERENCE_ERROR', message: 'It broke.' }, latencyMs: 1 },
});

/** Creates a writer over a store with this `recordResults`. */
function setUp(recordResults: LeaseStore['recordResults']) {
  const recorded: { index: number; code: string; isRejected: boolean }[] = [];
  const writer = createResultWriter({
    leaseStore: { recordResults } as LeaseStore,
    logger,
    onRecorded: ({ item, outcome }, isRejected) =>
      recorded.push({ index: item.index, code: outcome.type === 'failed' ? outcome.error.code : '', isRejected }),
  });
  const finish = () => writer.flush(new AbortController().signal);
  return { writer, recorded, finish };
}

it('batches results that arrive during a transaction', async () => {
  const batches: number[] = [];
  const { writer, finish } = setUp(async (_session, results) => {
    batches.push(results.length);
    await new Promise((resolve) => setImmediate(resolve));
    return { rejected: [] };
  });
  for (let index = 0; index < 5; index += 1) writer.add(session, resultOf(index));
  await finish();
  expect(batches).toEqual([1, 4]);
});

it('keeps a result until the database recovers', async () => {
  let failures = 3;
  const { writer, recorded, finish } = setUp(async () => {
    failures -= 1;
    if (failures >= 0) throw new AppError('SERVICE_UNAVAILABLE');
    return { rejected: [] };
  });
  writer.add(session, resultOf(7));
  await finish();
  expect(recorded).toEqual([{ index: 7, code: 'INFERENCE_ERROR', isRejected: false }]);
});

it('reports which results were rejected', async () => {
  const { writer, recorded, finish } = setUp(async (_session, results) => ({
    rejected: results.map(({ item }) => item).filter(({ index }) => index === 1),
  }));
  for (const index of [0, 1, 2]) writer.add(session, resultOf(index));
  await finish();
  expect(recorded.filter(({ isRejected }) => isRejected).map(({ index }) => index)).toEqual([1]);
});

it('records the other results when one cannot be stored', async () => {
  const { writer, recorded, finish } = setUp(async (_session, results) => {
    const isPoisoned = results.some(
      ({ item, outcome }) => item.index === 2 && outcome.type === 'failed' && outcome.error.code !== 'INTERNAL_ERROR',
    );
    if (isPoisoned) throw new Error('value out of range');
    return { rejected: [] };
  });
  for (let index = 0; index < 5; index += 1) writer.add(session, resultOf(index));
  await finish();
  expect(recorded.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4]);
  expect(recorded.find(({ index }) => index === 2)?.code).toBe('INTERNAL_ERROR');
});

it('never mixes results of two sessions in one transaction', async () => {
  const other = { ...session, id: '2' };
  const written: string[] = [];
  const { writer, finish } = setUp(async ({ id }, results) => {
    written.push(`${id}: ${results.map(({ item }) => item.index)}`);
    return { rejected: [] };
  });
  for (const index of [0, 1]) writer.add(session, resultOf(index));
  for (const index of [2, 3]) writer.add(other, resultOf(index));
  await finish();
  expect(written).toEqual(['1: 0', '1: 1', '2: 2,3']);
});
