import type { Bar } from './attempt-timeline.ts';

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

/** More at once are drawn over each other: in thinner rows, nobody could see any of them. */
const ROWS_MAX = 24;

/** Of the width of the picture: a bar or a gap that is shorter is a hair at most. */
const HARDLY_SEEN = 1 / 250;

/** The attempts that reach into the time between, by worker, without two on top of each other. */
export function layOutLanes(bars: readonly Bar[], from: number, end: number): Lane[] {
  const shown = bars.filter((bar) => bar.start <= end && (bar.end ?? end) >= from).sort((a, b) => a.start - b.start);
  const byWorker = Map.groupBy(shown, ({ worker }) => worker);
  return [...byWorker]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([worker, own]) => ({
      worker,
      rows: rowsOf(own).map((row) => merged(row, (end - from) * HARDLY_SEEN)),
      running: own.filter(({ outcome }) => outcome === 'running').length,
      retries: own.filter(({ attempt }) => attempt > 1).length,
      settled: own.filter(({ outcome }) => outcome === 'succeeded' || outcome === 'failed').length,
    }));
}

function rowsOf(bars: readonly Bar[]): Bar[][] {
  const rows: Bar[][] = [];
  for (const bar of bars) {
    const row = rows.find((each) => endOf(each) <= bar.start + OVERLAP_MS);
    if (row) row.push(bar);
    else if (rows.length < ROWS_MAX) rows.push([bar]);
    else rows.reduce((first, each) => (endOf(each) < endOf(first) ? each : first)).push(bar);
  }
  return rows;
}

function endOf(row: readonly Bar[]): number {
  return row.at(-1)?.end ?? Number.POSITIVE_INFINITY;
}

/** Hundreds of hairs beside each other look like one bar, and cost like hundreds. */
function merged(row: readonly Bar[], hairMs: number): Bar[] {
  const isHair = ({ start, end, attempt }: Bar) => end !== null && end - start < hairMs && attempt === 1;
  const blocks: Bar[] = [];
  let isBlockOfHairs = false;
  for (const bar of row) {
    const last = blocks.at(-1);
    const isNear = last !== undefined && bar.start - (last.end ?? bar.start) < hairMs;
    if (last && isBlockOfHairs && isHair(bar) && isNear && last.outcome === bar.outcome) {
      blocks[blocks.length - 1] = { ...last, end: bar.end };
      continue;
    }
    blocks.push(bar);
    isBlockOfHairs = isHair(bar);
  }
  return blocks;
}
