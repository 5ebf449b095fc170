import { describe, expect, it } from 'vitest';
import { createItemFixture } from '../job.test-support.ts';
import { createAttemptTimeline, endSilentAttempts, layOutTimelines, timelineTicks } from './attempt-timeline.ts';

const T0 = Date.parse('2026-11-23T10:00:00.000Z');
const at = (ms: number) => new Date(T0 + ms).toISOString();
const running = (index: number, worker: string, start: number, attempt = 1) => ({
  index,
  worker,
  attempt,
  started_at: at(start),
});

describe('attempt timeline', () => {
  it('records an attempt from its start to its end', () => {
    const timeline = createAttemptTimeline();
    timeline.recordRunning([running(0, 'a', 0)], T0 + 100);
    const item = createItemFixture({
      worker: 'a',
      attempts: 1,
      started_at: at(0),
      latency_ms: 400,
      completed_at: at(420),
      status: 'succeeded',
    });
    timeline.recordItem(item, T0 + 500);
    expect(timeline.attempts()).toEqual([{ index: 0, worker: 'a', attempt: 1, start: T0, end: T0 + 400, outcome: 'succeeded' }]);
  });

  it('marks the attempt of a killed worker as lost and records the next attempt', () => {
    const timeline = createAttemptTimeline();
    timeline.recordRunning([running(0, 'a', 0)], T0 + 10);
    timeline.recordRunning([running(0, 'b', 5_000, 2)], T0 + 5_010);
    expect(timeline.attempts().map(({ worker, attempt, outcome }) => [worker, attempt, outcome])).toEqual([
      ['a', 1, 'lost'],
      ['b', 2, 'running'],
    ]);
  });

  it('takes an attempt for retried, not lost, if its worker still runs items', () => {
    const timeline = createAttemptTimeline();
    timeline.recordRunning([running(0, 'a', 0), running(1, 'a', 0)], T0 + 10);
    timeline.recordRunning([running(0, 'a', 5_000, 2), running(1, 'a', 0)], T0 + 5_010);
    expect(
      timeline
        .attempts()
        .map(({ index, attempt, outcome }) => `${index} ${attempt} ${outcome}`)
        .sort(),
    ).toEqual(['0 1 retried', '0 2 running', '1 1 running']);
  });

  it('marks an attempt whose item waits again as lost', () => {
    const timeline = createAttemptTimeline();
    timeline.recordRunning([running(0, 'a', 0)], T0 + 10);
    timeline.recordItem(createItemFixture({ worker: 'a', attempts: 1, started_at: at(0), status: 'pending' }), T0 + 900);
    expect(timeline.attempts()).toMatchObject([{ attempt: 1, outcome: 'lost' }]);
  });

  it('replaces an estimated end with the end of the item', () => {
    const timeline = createAttemptTimeline();
    timeline.recordRunning([running(0, 'a', 0)], T0 + 10);
    timeline.recordRunning([], T0 + 900);
    timeline.recordItem(
      createItemFixture({
        worker: 'a',
        attempts: 1,
        started_at: at(0),
        latency_ms: 800,
        completed_at: at(800),
        status: 'failed',
      }),
      T0 + 950,
    );
    expect(timeline.attempts()[0]).toMatchObject({ end: T0 + 800, outcome: 'failed' });
  });

  it('prefers the attempts that the server recorded to its own estimates', () => {
    const timeline = createAttemptTimeline();
    timeline.recordRunning([running(0, 'b', 5_000, 2)], T0 + 5_010);
    timeline.recordRunning([], T0 + 9_000);
    const attempt = { index: 0, attempt: 1, worker: 'a', started_at: at(0), ended_at: at(400), outcome: 'lost' } as const;
    const second = {
      ...attempt,
      attempt: 2,
      worker: 'b',
      started_at: at(5_000),
      ended_at: at(8_000),
      outcome: 'failed',
    } as const;
    timeline.recordHistory([attempt, second, { ...second, index: 1, started_at: at(6_000), ended_at: null, outcome: 'running' }]);
    expect(timeline.attempts().map(({ worker, end, outcome }) => [worker, end && end - T0, outcome])).toEqual([
      ['a', 400, 'lost'],
      ['b', 8_000, 'failed'],
      ['b', null, 'running'],
    ]);
  });

  it('corrects for a browser clock that is ahead of the server', () => {
    const timeline = createAttemptTimeline();
    const ahead = 3_600_000;
    timeline.recordRunning([running(0, 'a', 0)], T0 + ahead + 30);
    timeline.recordRunning([running(0, 'a', 0), running(1, 'a', 500)], T0 + ahead + 510);
    expect(timeline.serverTime(T0 + ahead + 1_000)).toBe(T0 + 990);
  });

  it('arranges concurrent attempts in rows by worker, and counts the repeated ones', () => {
    const timeline = createAttemptTimeline();
    const items = [running(0, 'worker-10', 0), running(1, 'worker-2', 0), running(2, 'worker-2', 10, 2)];
    timeline.recordRunning(items, T0 + 20);
    const shown = layOutTimelines(timeline.attempts(), items, T0 - 1_000, T0 + 1_000);
    expect(shown.map(({ worker, rows, running, retries }) => [worker, rows.length, running, retries])).toEqual([
      ['worker-2', 2, 2, 1],
      ['worker-10', 1, 1, 0],
    ]);
  });

  it('counts as running what the job counted, although newer attempts are already known', () => {
    const timeline = createAttemptTimeline();
    const items = Array.from({ length: 27 }, (_, index) => running(index, 'a', 0));
    timeline.recordRunning(items, T0 + 20);
    expect(layOutTimelines(timeline.attempts(), items.slice(0, 16), T0, T0 + 1_000)).toMatchObject([{ running: 16 }]);
  });

  it('keeps at most 2,000 attempts', () => {
    const timeline = createAttemptTimeline();
    for (let index = 0; index < 9_000; index += 1) {
      timeline.recordItem(
        createItemFixture({ index, worker: 'a', attempts: 1, started_at: at(index), latency_ms: 1, status: 'succeeded' }),
        T0 + index,
      );
    }
    expect(timeline.attempts().length).toBeLessThanOrEqual(2_000);
    expect(timeline.attempts().at(-1)?.index).toBe(8_999);
  });

  it('draws at most 24 rows per worker', () => {
    const timeline = createAttemptTimeline();
    timeline.recordRunning(
      Array.from({ length: 500 }, (_, index) => running(index, 'a', 0)),
      T0 + 10,
    );
    const [worker] = layOutTimelines(timeline.attempts(), [], T0, T0 + 1_000);
    expect(worker?.rows).toHaveLength(24);
    expect(worker?.rows.flat()).toHaveLength(500);
  });

  it('merges adjacent attempts that are too short to see', () => {
    const timeline = createAttemptTimeline();
    const record = (index: number, start: number, latency_ms: number, status: 'succeeded' | 'failed') =>
      timeline.recordItem(
        createItemFixture({ index, worker: 'a', attempts: 1, started_at: at(start), latency_ms, status }),
        T0 + start,
      );
    for (let index = 0; index < 100; index += 1) record(index, index * 20, 15, 'succeeded');
    record(100, 2_000, 15, 'failed');
    record(101, 2_020, 5_000, 'succeeded');
    record(102, 7_030, 5_000, 'succeeded');
    const [worker] = layOutTimelines(timeline.attempts(), [], T0, T0 + 60_000);
    expect(worker?.rows.map((row) => row.map(({ start, end }) => [start - T0, (end ?? 0) - T0]))).toEqual([
      [
        [0, 1_995],
        [2_000, 2_015],
        [2_020, 7_020],
        [7_030, 12_030],
      ],
    ]);
    expect(worker?.rows.flat().map(({ attempts }) => attempts)).toEqual([100, 1, 1, 1]);
    expect(worker).toMatchObject({ finished: 103, failed: 1 });
  });
});

it('ends the running attempts of a silent worker at its last heartbeat', () => {
  const attempt = (worker: string, end: number | null) =>
    ({ index: 0, worker, attempt: 1, start: 1_000, end, outcome: 'running' }) as const;
  const all = [attempt('dead', null), attempt('dead', 2_000), attempt('alive', null)];
  expect(endSilentAttempts(all, new Map([['dead', 7_000]]), 20_000).map(({ end }) => end)).toEqual([13_000, 2_000, null]);
});

it.each([
  [60_000, ['−60 s', '−40 s', '−20 s']],
  [10_000, ['−10 s', '−8 s', '−6 s', '−4 s', '−2 s']],
  [5_300, ['−4 s', '−2 s']],
  [340, ['−300 ms', '−200 ms', '−100 ms']],
])('marks round times on an axis of %d ms', (span, labels) => {
  expect(timelineTicks(span).map(({ label }) => label)).toEqual(labels);
});
