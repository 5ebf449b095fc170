import type { RunningItem } from '@prodigon/contracts';
import type { ItemChange } from './item-change.ts';

/** `lost`: it ended without a word, as when its worker was killed. */
export type BarOutcome = 'running' | 'succeeded' | 'failed' | 'retried' | 'stopped' | 'lost';

/** One attempt at one item, by the server's clock. */
export interface Bar {
  index: number;
  worker: string;
  attempt: number;
  start: number;
  end: number | null;
  outcome: BarOutcome;
}

export const LANES_WINDOW_MS = 60_000;
/** More than this cannot be told apart on a screen. */
const BARS_KEPT = 2_000;

const OUTCOMES: Partial<Record<ItemChange['status'], BarOutcome>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  retrying: 'retried',
  cancelled: 'stopped',
  expired: 'stopped',
};

export type LaneBook = ReturnType<typeof createLaneBook>;

/** What each worker did lately, put together from items that changed and from those in flight. */
export function createLaneBook() {
  const bars = new Map<string, Bar>();
  /** What this machine's clock is ahead of the server's: the least that was seen, since messages only arrive late. */
  let skewMs = Number.POSITIVE_INFINITY;

  const learnClock = (serverTime: number, arrivedAt: number) => {
    skewMs = Math.min(skewMs, arrivedAt - serverTime);
  };

  function barOf({ index, worker, attempt, start }: Pick<Bar, 'index' | 'worker' | 'attempt' | 'start'>): Bar {
    const key = `${index}:${start}`;
    const known = bars.get(key);
    if (known) return known;
    const bar: Bar = { index, worker, attempt, start, end: null, outcome: 'running' };
    bars.set(key, bar);
    const oldest = bars.keys().next();
    if (bars.size > BARS_KEPT && !oldest.done) bars.delete(oldest.value);
    return bar;
  }

  return {
    recordItem(item: ItemChange, arrivedAt: number, isLive: boolean): void {
      if (item.started_at === null || item.worker === null) return;
      const start = Date.parse(item.started_at);
      const ended = item.completed_at === null ? null : Date.parse(item.completed_at);
      if (isLive) learnClock(ended ?? start, arrivedAt);
      const bar = barOf({ index: item.index, worker: item.worker, attempt: item.attempts, start });
      if (item.status === 'running') return;
      bar.end = item.latency_ms === null ? (ended ?? arrivedAt - skewMs) : start + item.latency_ms;
      bar.outcome = OUTCOMES[item.status] ?? 'lost';
    },
    recordRunning(running: readonly RunningItem[], arrivedAt: number): void {
      const open = new Set<Bar>();
      for (const { index, worker, attempt, started_at } of running) {
        const start = Date.parse(started_at);
        learnClock(start, arrivedAt);
        open.add(barOf({ index, worker, attempt, start }));
      }
      for (const bar of bars.values()) {
        if (bar.end !== null || open.has(bar)) continue;
        bar.end = Math.max(bar.start, arrivedAt - skewMs);
        bar.outcome = 'lost';
      }
    },
    clear: () => bars.clear(),
    /** The server's time, as far as it is known. */
    serverTime: (now: number) => (Number.isFinite(skewMs) ? now - skewMs : now),
    bars: (): readonly Bar[] => [...bars.values()],
  };
}
