import { type JobActivity, quantile } from '@prodigon/contracts';
import type { Metrics } from '@prodigon/platform';
import type { ItemOutcome, LeasedItem, QueueDepth } from '@prodigon/ports';

const SAMPLES_MAX = 500;
const THROUGHPUT_WINDOW_MS = 250;

/** Values of the metric's label `outcome`. */
const OUTCOME_LABELS: Readonly<Record<ItemOutcome['type'], string>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  retry: 'retry',
  requeued: 'released',
  delayed: 'postponed',
};

export interface JobMetrics {
  /** Throughput of this worker, measured over the last window. */
  readonly itemsPerSecond: number;
  recordClaim(items: readonly LeasedItem[]): void;
  recordEnd(): void;
  recordResult(outcome: ItemOutcome, isRejected: boolean): void;
  recordLeaseExpiries(count: number): void;
  recordDepth(depth: QueueDepth): void;
  /** Returns the activity of this worker since its start, together with the depth of the queue. */
  toActivity(depth: QueueDepth): JobActivity;
}

/** Creates the metrics of this worker for the metrics endpoint and the dashboard. */
export function createJobMetrics(metrics: Metrics): JobMetrics {
  const waits: number[] = [];
  const runs: number[] = [];
  const totals = { claimed: 0, retries: 0, leaseExpiries: 0, succeeded: 0, failed: 0 };
  const since = new Date().toISOString();
  let endedInWindow = 0;
  let windowStartedAt = performance.now();
  let itemsPerSecond = 0;

  return {
    get itemsPerSecond() {
      const elapsedMs = performance.now() - windowStartedAt;
      if (elapsedMs >= THROUGHPUT_WINDOW_MS) {
        itemsPerSecond = (endedInWindow / elapsedMs) * 1_000;
        endedInWindow = 0;
        windowStartedAt = performance.now();
      }
      return itemsPerSecond;
    },
    recordClaim(items) {
      totals.claimed += items.length;
      metrics.jobItemsClaimed.inc(items.length);
      for (const { attempt, waitMs } of items) {
        if (attempt > 1) continue;
        addSample(waits, waitMs);
        metrics.jobItemWait.observe(waitMs / 1_000);
      }
    },
    recordEnd() {
      endedInWindow += 1;
    },
    recordResult(outcome, isRejected) {
      if (isRejected) {
        metrics.jobWritesRefused.inc();
        return;
      }
      metrics.jobItemsSettled.inc({ outcome: OUTCOME_LABELS[outcome.type] });
      if (outcome.type === 'succeeded') {
        totals.succeeded += 1;
        addSample(runs, outcome.latencyMs);
        metrics.jobItemRun.observe(outcome.latencyMs / 1_000);
      } else if (outcome.type === 'failed') totals.failed += 1;
      else if (outcome.type === 'retry') totals.retries += 1;
    },
    recordLeaseExpiries(count) {
      totals.leaseExpiries += count;
      metrics.jobLeaseExpiries.inc(count);
    },
    recordDepth({ waiting, running, oldestMs }) {
      metrics.jobItemsWaiting.set(waiting);
      metrics.jobItemsRunning.set(running);
      metrics.jobOldestAge.set(oldestMs / 1_000);
    },
    toActivity({ waiting, running, oldestMs, workers }) {
      return {
        since,
        waiting,
        running,
        oldest_ms: oldestMs,
        claimed_total: totals.claimed,
        retries_total: totals.retries,
        lease_expiries_total: totals.leaseExpiries,
        succeeded_total: totals.succeeded,
        failed_total: totals.failed,
        wait_ms: quantilesOf(waits),
        run_ms: quantilesOf(runs),
        workers: workers.map((worker) => ({ name: worker.name, running: worker.running, last_seen_ms: worker.lastSeenMs })),
      };
    },
  };
}

function addSample(samples: number[], value: number): void {
  samples.push(value);
  if (samples.length > SAMPLES_MAX) samples.shift();
}

function quantilesOf(samples: readonly number[]): { p50: number; p95: number } | null {
  const [p50, p95] = [quantile(samples, 0.5), quantile(samples, 0.95)];
  return p50 === null || p95 === null ? null : { p50: Math.round(p50), p95: Math.round(p95) };
}
