import type { JobAttempt, JobEventData, JobItemStatus, RunningItem } from '@prodigon/contracts';
import { LRUCache } from 'lru-cache';
import { axisMax } from '../../../design/axis.ts';

export type AttemptOutcome = JobAttempt['outcome'];

/** One attempt at one item. Times are those of the server. */
export interface Attempt {
  index: number;
  worker: string;
  attempt: number;
  start: number;
  /** Null while it runs. */
  end: number | null;
  outcome: AttemptOutcome;
}

export const TIMELINE_WINDOW_MS = 60_000;
const ATTEMPTS_MAX = 2_000;

const OUTCOMES: Partial<Record<JobItemStatus, AttemptOutcome>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  retrying: 'retried',
  cancelled: 'stopped',
  expired: 'stopped',
};

export type AttemptTimeline = ReturnType<typeof createAttemptTimeline>;

/** Reconstructs the recent attempts of each worker from changed items and from those that are running. */
export function createAttemptTimeline() {
  const attempts = new LRUCache<string, Attempt>({ max: ATTEMPTS_MAX });
  /** Milliseconds that the browser's clock is ahead of the server's: the minimum observed, because events only arrive late. */
  let clockSkewMs = Number.POSITIVE_INFINITY;

  const updateClockSkew = (serverTime: number, arrivedAt: number) => {
    clockSkewMs = Math.min(clockSkewMs, arrivedAt - serverTime);
  };

  function findOrAdd({ index, worker, attempt, start }: Pick<Attempt, 'index' | 'worker' | 'attempt' | 'start'>): Attempt {
    const key = `${index}:${start}`;
    const known = attempts.get(key);
    if (known) return known;
    const added: Attempt = { index, worker, attempt, start, end: null, outcome: 'running' };
    attempts.set(key, added);
    return added;
  }

  return {
    /** Records the attempts from before the page opened. Their times do not measure the clock skew. */
    recordHistory(history: readonly JobAttempt[]): void {
      for (const { started_at, ended_at, outcome, ...rest } of history) {
        const attempt = findOrAdd({ ...rest, start: Date.parse(started_at) });
        if (ended_at === null) continue;
        attempt.end = Date.parse(ended_at);
        attempt.outcome = outcome;
      }
    },
    recordItem(item: JobEventData<'item'>, arrivedAt: number): void {
      if (item.started_at === null || item.worker === null) return;
      const start = Date.parse(item.started_at);
      const end = item.completed_at === null ? null : Date.parse(item.completed_at);
      updateClockSkew(end ?? start, arrivedAt);
      const attempt = findOrAdd({ index: item.index, worker: item.worker, attempt: item.attempts, start });
      if (item.status === 'running') return;
      attempt.end = item.latency_ms === null ? (end ?? arrivedAt - clockSkewMs) : start + item.latency_ms;
      attempt.outcome = OUTCOMES[item.status] ?? 'lost';
    },
    /**
     * Records all running items, and ends every other open attempt. Events show only the latest state of an item, so the
     * event of a failed attempt is missing if the next attempt started soon: an attempt is lost only if its worker is too.
     */
    recordRunning(running: readonly RunningItem[], arrivedAt: number): void {
      const open = new Set<Attempt>();
      const workers = new Set(running.map(({ worker }) => worker));
      for (const { index, worker, attempt, started_at } of running) {
        const start = Date.parse(started_at);
        updateClockSkew(start, arrivedAt);
        open.add(findOrAdd({ index, worker, attempt, start }));
      }
      for (const attempt of attempts.values()) {
        if (attempt.end !== null || open.has(attempt)) continue;
        attempt.end = Math.max(attempt.start, arrivedAt - clockSkewMs);
        attempt.outcome = workers.has(attempt.worker) ? 'retried' : 'lost';
      }
    },
    /** Estimates the server's time from the received events. */
    serverTime: (now: number) => (Number.isFinite(clockSkewMs) ? now - clockSkewMs : now),
    /** All recorded attempts, oldest start first. */
    attempts: (): readonly Attempt[] => [...attempts.values()].sort((a, b) => a.start - b.start),
  };
}

/** An attempt, or several that are too short to see alone. */
export interface AttemptBar extends Attempt {
  attempts: number;
}

/** The attempts of one worker, with one row per concurrent attempt. */
export interface WorkerTimeline {
  worker: string;
  rows: readonly (readonly AttemptBar[])[];
  /** As many as the progress of the job counts, which is older than the latest attempts. */
  running: number;
  retries: number;
  finished: number;
  failed: number;
}

/** Ends the running attempts of silent workers at their last heartbeat, because a dead worker makes no progress. */
export function endSilentAttempts(
  attempts: readonly Attempt[],
  silentMs: ReadonlyMap<string, number>,
  serverTime: number,
): readonly Attempt[] {
  if (silentMs.size === 0) return attempts;
  return attempts.map((attempt) => {
    const silence = silentMs.get(attempt.worker);
    if (attempt.end !== null || silence === undefined) return attempt;
    return { ...attempt, end: Math.max(attempt.start, serverTime - silence) };
  });
}

/** Attempts that overlap by less share a row, because clocks are not that accurate. */
const OVERLAP_TOLERANCE_MS = 40;

/** Further concurrent attempts are drawn over each other, because thinner rows would be invisible. */
const ROWS_MAX = 24;

/** The share of the window below which bars and gaps are too short to see. */
const VISIBLE_SHARE_MIN = 1 / 250;

/** Groups the attempts within a time window by worker and arranges them in rows without overlaps. */
export function layOutTimelines(
  attempts: readonly Attempt[],
  runningItems: readonly RunningItem[],
  from: number,
  end: number,
): WorkerTimeline[] {
  const visible = attempts
    .filter((attempt) => attempt.start <= end && (attempt.end ?? end) >= from)
    .sort((a, b) => a.start - b.start);
  return [...Map.groupBy(visible, ({ worker }) => worker)]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([worker, own]) => ({
      worker,
      rows: arrangeRows(own).map((row) => mergeShort(row, (end - from) * VISIBLE_SHARE_MIN)),
      running: runningItems.filter((item) => item.worker === worker).length,
      retries: own.filter(({ attempt }) => attempt > 1).length,
      finished: own.filter(({ outcome }) => outcome === 'succeeded' || outcome === 'failed').length,
      failed: own.filter(({ outcome }) => outcome === 'failed').length,
    }));
}

function arrangeRows(attempts: readonly Attempt[]): Attempt[][] {
  const rows: Attempt[][] = [];
  for (const attempt of attempts) {
    const row = rows.find((each) => endOfRow(each) <= attempt.start + OVERLAP_TOLERANCE_MS);
    if (row) row.push(attempt);
    else if (rows.length < ROWS_MAX) rows.push([attempt]);
    else rows.reduce((first, each) => (endOfRow(each) < endOfRow(first) ? each : first)).push(attempt);
  }
  return rows;
}

function endOfRow(row: readonly Attempt[]): number {
  return row.at(-1)?.end ?? Number.POSITIVE_INFINITY;
}

/** Merges adjacent attempts that are too short to see, so that hundreds of them render as one bar. */
function mergeShort(row: readonly Attempt[], shortMs: number): AttemptBar[] {
  const isShort = ({ start, end }: Attempt) => end !== null && end - start < shortMs;
  const merged: AttemptBar[] = [];
  let isLastShort = false;
  for (const attempt of row) {
    const last = merged.at(-1);
    const isAdjacent = last !== undefined && attempt.start - (last.end ?? attempt.start) < shortMs;
    if (last && isLastShort && isShort(attempt) && isAdjacent && last.outcome === attempt.outcome) {
      merged[merged.length - 1] = { ...last, end: attempt.end, attempts: last.attempts + 1 };
      continue;
    }
    merged.push({ ...attempt, attempts: 1 });
    isLastShort = isShort(attempt);
  }
  return merged;
}

export interface TimelineTick {
  /** The distance from the end. */
  ms: number;
  label: string;
}

const TICKS = 5;

/** The ticks of the time axis at round distances from its end, oldest first and without the end itself. */
export function timelineTicks(spanMs: number): TimelineTick[] {
  const step = axisMax(spanMs / TICKS);
  const unit = step < 1_000 ? { name: 'ms', ms: 1 } : { name: 's', ms: 1_000 };
  return Array.from({ length: Math.floor(spanMs / step) }, (_, index) => {
    const ms = (index + 1) * step;
    return { ms, label: `−${Math.round(ms / unit.ms)} ${unit.name}` };
  }).reverse();
}
