import { AppError } from '@prodigon/contracts';
import { createLogger, createMetrics } from '@prodigon/platform';
import type { UsageRecord, UsageStore } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createUsageRecorder, type NewUsage } from './usage-recorder.ts';

const unavailable = () => new AppError('SERVICE_UNAVAILABLE');
const usageOf = (requestId: string): NewUsage => ({
  ownerId: 'ada',
  keyId: null,
  requestId,
  kind: 'chat',
  provider: 'groq',
  model: 'large',
  status: 'completed',
  promptTokens: 1,
  completionTokens: 1,
  estimated: false,
  costUsd: 0,
  attempts: 1,
  ttftMs: 1,
  latencyMs: 1,
});

/** Creates a recorder whose clock only `pass` advances, over an in-memory store that calls `beforeWrite` first. */
function setUp(beforeWrite: (records: readonly UsageRecord[]) => Promise<void> | void = () => {}) {
  const timers: { dueMs: number; callback: () => void }[] = [];
  let nowMs = 0;
  const kept = new Map<string, UsageRecord>();
  const writes: number[] = [];
  const purges: number[] = [];
  const lines: string[] = [];
  const metrics = createMetrics();
  const store: Pick<UsageStore, 'record' | 'purge'> = {
    async record(records) {
      writes.push(records.length);
      await beforeWrite(records);
      for (const record of records) kept.set(record.id, record);
      return records.length;
    },
    async purge({ olderThanDays }) {
      purges.push(olderThanDays);
      return 0;
    },
  };
  const logger = createLogger({
    service: 'test',
    level: 'info',
    secrets: [],
    destination: { write: (line) => void lines.push(JSON.parse(line).msg) },
  });
  const recorder = createUsageRecorder({
    store,
    retentionDays: 90,
    metrics,
    logger,
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + delayMs, callback };
      timers.push(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
  });

  return {
    recorder,
    kept: () => [...kept.values()].map(({ requestId }) => requestId),
    writes,
    purges,
    lines,
    addMany: (count: number, from = 0) => {
      for (let index = from; index < from + count; index += 1) recorder.add(usageOf(`${index}`));
    },
    /** Advances the clock, and waits for the work that this starts. */
    async pass(ms: number) {
      nowMs += ms;
      for (const timer of timers.filter(({ dueMs }) => dueMs <= nowMs)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.callback();
      }
      await idle();
    },
    counted: async (name: 'usageRecordsWritten' | 'usageRecordsDropped') => (await metrics[name].get()).values[0]?.value,
  };
}

/** Resolves after the pending promise callbacks have run. */
const idle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('usage recorder', () => {
  it('writes all records in order and in one batch after one second', async () => {
    const { addMany, pass, kept, writes, counted } = setUp();
    addMany(3);
    await pass(999);
    expect(writes).toEqual([]);
    await pass(1);
    expect(writes).toEqual([3]);
    expect(kept()).toEqual(['0', '1', '2']);
    expect(await counted('usageRecordsWritten')).toBe(3);
  });

  it('writes immediately when 500 records are queued', async () => {
    const { addMany, kept } = setUp();
    addMany(499);
    await idle();
    expect(kept()).toHaveLength(0);
    addMany(1);
    await idle();
    expect(kept()).toHaveLength(500);
  });

  it('cancels the scheduled write when the queue is written earlier', async () => {
    const { addMany, recorder, pass, writes } = setUp();
    addMany(1);
    await pass(500);
    await recorder.flush();
    addMany(1, 1);
    await pass(999);
    expect(writes).toEqual([1]);
    await pass(1);
    expect(writes).toEqual([1, 1]);
  });

  it('runs one write at a time, and writes newer records with the next one', async () => {
    const gate = Promise.withResolvers<void>();
    const { addMany, recorder, writes, kept } = setUp(() => gate.promise);
    addMany(500);
    addMany(700, 500);
    const flushed = recorder.flush();
    await idle();
    expect(writes).toEqual([500]);
    gate.resolve();
    await flushed;
    expect(writes).toEqual([500, 500, 200]);
    expect(kept()).toEqual(Array.from({ length: 1_200 }, (_, index) => `${index}`));
  });
});

describe('usage recorder during a database outage', () => {
  it('keeps every record and retries once a second while the database is unavailable', async () => {
    let isDown = true;
    const { addMany, pass, writes, kept, lines } = setUp(() => {
      if (isDown) throw unavailable();
    });
    for (let second = 0; second < 5; second += 1) {
      addMany(300, second * 300);
      await pass(1_000);
    }
    expect(writes).toHaveLength(5);
    expect(lines).toEqual(['Usage records cannot be written and stay queued']);
    isDown = false;
    await pass(1_000);
    expect(kept()).toEqual(Array.from({ length: 1_500 }, (_, index) => `${index}`));
    expect(lines).toEqual(['Usage records cannot be written and stay queued', 'Usage records are being written again']);
    isDown = true;
    addMany(1, 1_500);
    await pass(1_000);
    expect(lines.slice(2)).toEqual(['Usage records cannot be written and stay queued']);
  });

  it('queues at most 10,000 records and counts the newest as dropped', async () => {
    let isDown = true;
    const { addMany, pass, kept, counted } = setUp(() => {
      if (isDown) throw unavailable();
    });
    addMany(10_007);
    await pass(1_000);
    isDown = false;
    await pass(1_000);
    expect(kept()).toHaveLength(10_000);
    expect(kept().at(-1)).toBe('9999');
    expect(await counted('usageRecordsDropped')).toBe(7);
  });
});

it('retries a write whose response was lost under the same ids', async () => {
  let losesResponse = true;
  const written: string[] = [];
  const { addMany, pass } = setUp((records) => {
    written.push(...records.map(({ id }) => id));
    if (losesResponse) throw unavailable();
  });
  addMany(2);
  await pass(1_000);
  losesResponse = false;
  await pass(1_000);
  expect(written.slice(2)).toEqual(written.slice(0, 2));
  expect(new Set(written).size).toBe(2);
});

it('drops only the record that the database rejects', async () => {
  const { addMany, pass, kept, counted } = setUp((records) => {
    if (records.some(({ requestId }) => requestId === '137')) throw new Error('value out of range');
  });
  addMany(300);
  for (let second = 0; second < 3; second += 1) await pass(1_000);
  expect(kept()).toEqual(Array.from({ length: 300 }, (_, index) => `${index}`).filter((id) => id !== '137'));
  expect(await counted('usageRecordsDropped')).toBe(1);
});

describe('usage recorder on shutdown', () => {
  it('writes the remaining records when it closes', async () => {
    const { addMany, recorder, kept } = setUp();
    addMany(700);
    await recorder.close();
    expect(kept()).toHaveLength(700);
  });

  it('waits five seconds for a database that hangs, then logs and counts the lost records', async () => {
    const { addMany, recorder, pass, lines, counted } = setUp(() => new Promise(() => {}));
    addMany(3);
    let isClosed = false;
    const closed = recorder.close().then(() => {
      isClosed = true;
    });
    await pass(4_999);
    expect(isClosed).toBe(false);
    await pass(1);
    await closed;
    expect(lines).toEqual(['The process exits before its usage is recorded']);
    expect(await counted('usageRecordsDropped')).toBe(3);
  });
});

it('purges old records at the start and every hour', async () => {
  const { pass, purges } = setUp();
  await pass(0);
  expect(purges).toEqual([90]);
  await pass(3_599_999);
  expect(purges).toEqual([90]);
  await pass(1);
  expect(purges).toEqual([90, 90]);
});
