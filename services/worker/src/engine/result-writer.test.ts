import { AppError } from '@prodigon/contracts';
import { createLogger } from '@prodigon/platform';
import type { ItemResult, LeaseStore, WorkerSession } from '@prodigon/ports';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createResultWriter } from './result-writer.ts';

const session: WorkerSession = { id: '1', name: 'worker-1', leaseMs: 1_000 };
const resultOf = (index: number): ItemResult => ({
  item: { jobId: 'job', index, lease: 1 },
  outcome: { type: 'failed', error: { code: 'INFERENCE_ERROR', message: 'It broke.' }, latencyMs: 1 },
});

/** Creates a writer over a store with this `recordResults`. */
function setUp(recordResults: LeaseStore['recordResults']) {
  const recorded: { index: number; code: string; isRejected: boolean }[] = [];
  const records: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'test', level: 'info', secrets: [], destination });
  const writer = createResultWriter({
    leaseStore: { recordResults } as LeaseStore,
    logger,
    onRecorded: ({ item, outcome }, isRejected) =>
      recorded.push({ index: item.index, code: outcome.type === 'failed' ? outcome.error.code : '', isRejected }),
  });
  const finish = () => writer.flush(new AbortController().signal);
  return { writer, recorded, finish, records };
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

it('writes at most 500 results in one transaction, and reports those that are not recorded', async () => {
  const batches: number[] = [];
  const { writer, finish } = setUp(async (_session, results) => {
    batches.push(results.length);
    return { rejected: [] };
  });
  for (let index = 0; index < 502; index += 1) writer.add(session, resultOf(index));
  expect([writer.backlog, writer.leases.length, writer.leases[501]?.index]).toEqual([502, 502, 501]);
  await finish();
  expect(batches).toEqual([1, 500, 1]);
  expect([writer.backlog, writer.leases]).toEqual([0, []]);
});

it('stops waiting for results when its signal aborts', async () => {
  const { writer } = setUp(() => new Promise(() => {}));
  writer.add(session, resultOf(0));
  const controller = new AbortController();
  const flushed = writer.flush(controller.signal);
  controller.abort();
  await flushed;
  expect(writer.backlog).toBe(1);
});

describe('outage of the database', () => {
  function setUpOutage(errorOf: () => Error | undefined) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const recordResults = vi.fn<LeaseStore['recordResults']>(async () => {
      const error = errorOf();
      if (error) throw error;
      return { rejected: [] };
    });
    return { recordResults, ...setUp(recordResults) };
  }

  it('doubles the retry delay up to two seconds', async () => {
    const { writer, recordResults } = setUpOutage(() => new AppError('SERVICE_UNAVAILABLE'));
    writer.add(session, resultOf(0));
    await vi.advanceTimersByTimeAsync(0);
    for (const [index, delayMs] of [100, 200, 400, 800, 1_600, 2_000, 2_000].entries()) {
      await vi.advanceTimersByTimeAsync(delayMs - 1);
      expect(recordResults).toHaveBeenCalledTimes(index + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(recordResults).toHaveBeenCalledTimes(index + 2);
    }
  });

  it('is logged once, and the next outage again', async () => {
    let isDown = true;
    const { writer, records } = setUpOutage(() => (isDown ? new AppError('SERVICE_UNAVAILABLE') : undefined));
    writer.add(session, resultOf(0));
    await vi.advanceTimersByTimeAsync(1_000);
    isDown = false;
    await vi.advanceTimersByTimeAsync(2_000);
    const logged = { code: 'SERVICE_UNAVAILABLE', msg: 'Results could not be recorded' };
    expect(records).toMatchObject([logged]);
    isDown = true;
    writer.add(session, resultOf(1));
    await vi.advanceTimersByTimeAsync(200);
    expect(records).toMatchObject([logged, logged]);
    isDown = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(writer.backlog).toBe(0);
  });

  it('writes all results together once more after an internal error', async () => {
    let failures = 1;
    const { writer, recordResults, recorded } = setUpOutage(() => (failures-- > 0 ? new Error('It broke.') : undefined));
    writer.add(session, resultOf(0));
    writer.add(session, resultOf(1));
    await vi.advanceTimersByTimeAsync(100);
    expect(recordResults.mock.calls.map(([, results]) => results.length)).toEqual([1, 2]);
    expect(recorded.map(({ code }) => code)).toEqual(['INFERENCE_ERROR', 'INFERENCE_ERROR']);
  });
});
