import type { Bar } from './lanes.ts';

/** A worker's attempts, in as many rows as it worked on at the same time. */
export interface Lane {
  worker: string;
  rows: readonly (readonly Bar[])[];
  running: number;
  retries: number;
  settled: number;
}

/** One begins when the one before it has been written down: clocks are not that exact. */
const OVERLAP_MS = 40;

/** The attempts that reach into the time between, by worker, without two on top of each other. */
export function layOutLanes(bars: readonly Bar[], from: number, end: number): Lane[] {
  const shown = bars.filter((bar) => bar.start <= end && (bar.end ?? end) >= from).sort((a, b) => a.start - b.start);
  const byWorker = Map.groupBy(shown, ({ worker }) => worker);
  return [...byWorker]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([worker, own]) => ({
      worker,
      rows: rowsOf(own),
      running: own.filter(({ outcome }) => outcome === 'running').length,
      retries: own.filter(({ attempt }) => attempt > 1).length,
      settled: own.filter(({ outcome }) => outcome === 'succeeded' || outcome === 'failed').length,
    }));
}

function rowsOf(bars: readonly Bar[]): Bar[][] {
  const rows: Bar[][] = [];
  for (const bar of bars) {
    const row = rows.find((each) => (each.at(-1)?.end ?? Number.POSITIVE_INFINITY) <= bar.start + OVERLAP_MS);
    if (row) row.push(bar);
    else rows.push([bar]);
  }
  return rows;
}
