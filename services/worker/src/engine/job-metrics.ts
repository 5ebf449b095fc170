import type { JobActivity } from '@prodigon/contracts';
import type { Metrics } from '@prodigon/platform';
import type { ItemOutcome, LeasedItem, QueueDepth } from '@prodigon/ports';

const SAMPLES_MAX = 500;
const PACE_OVER_MS = 250;

/** What this worker has done since it began, for the metrics and the overview. */
export class ActivityMeter {
  readonly #metrics: Metrics;
  readonly #waits: number[] = [];
  readonly #runs: number[] = [];
  readonly #totals = { claimed: 0, retries: 0, leaseExpiries: 0, succeeded: 0, failed: 0 };
  #ended = 0;
  #paceSince = performance.now();
  #itemsPerSecond = 0;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** At which items have ended lately. */
  get itemsPerSecond(): number {
    const elapsedMs = performance.now() - this.#paceSince;
    if (elapsedMs >= PACE_OVER_MS) {
      this.#itemsPerSecond = (this.#ended / elapsedMs) * 1_000;
      this.#ended = 0;
      this.#paceSince = performance.now();
    }
    return this.#itemsPerSecond;
  }

  claimed(items: readonly LeasedItem[]): void {
    this.#totals.claimed += items.length;
    this.#metrics.jobItemsClaimed.inc(items.length);
    for (const { attempt, waitMs } of items) {
      if (attempt > 1) continue;
      keep(this.#waits, waitMs);
      this.#metrics.jobItemWait.observe(waitMs / 1_000);
    }
  }

  ended(): void {
    this.#ended += 1;
  }

  settled(outcome: ItemOutcome, isRefused: boolean): void {
    if (isRefused) {
      this.#metrics.jobWritesRefused.inc();
      return;
    }
    this.#metrics.jobItemsSettled.inc({ outcome: outcome.type });
    if (outcome.type === 'succeeded') {
      this.#totals.succeeded += 1;
      keep(this.#runs, outcome.latencyMs);
      this.#metrics.jobItemRun.observe(outcome.latencyMs / 1_000);
    } else if (outcome.type === 'failed') this.#totals.failed += 1;
    else if (outcome.type === 'retry') this.#totals.retries += 1;
  }

  leasesExpired(count: number): void {
    this.#totals.leaseExpiries += count;
    this.#metrics.jobLeaseExpiries.inc(count);
  }

  depth({ waiting, running, oldestMs }: QueueDepth): void {
    this.#metrics.jobItemsWaiting.set(waiting);
    this.#metrics.jobItemsRunning.set(running);
    this.#metrics.jobOldestAge.set(oldestMs / 1_000);
  }

  report({ waiting, running, oldestMs, workers }: QueueDepth): JobActivity {
    return {
      waiting,
      running,
      oldest_ms: oldestMs,
      claimed_total: this.#totals.claimed,
      retries_total: this.#totals.retries,
      lease_expiries_total: this.#totals.leaseExpiries,
      succeeded_total: this.#totals.succeeded,
      failed_total: this.#totals.failed,
      wait_ms: quantilesOf(this.#waits),
      run_ms: quantilesOf(this.#runs),
      workers: workers.map((worker) => ({ name: worker.name, running: worker.running, last_seen_ms: worker.lastSeenMs })),
    };
  }
}

function keep(samples: number[], value: number): void {
  samples.push(value);
  if (samples.length > SAMPLES_MAX) samples.shift();
}

function quantilesOf(samples: readonly number[]): { p50: number; p95: number } | null {
  if (samples.length === 0) return null;
  const sorted = [...samples].sort((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { p50: at(0.5), p95: at(0.95) };
}
