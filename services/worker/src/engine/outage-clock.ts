import { AppError } from '@prodigon/contracts';
import type { LeasedItem } from '@prodigon/ports';
import { LRUCache } from 'lru-cache';

export interface OutageClock {
  /**
   * Records a failure that an outage of the item's model caused, and the delay until the item's next attempt. Returns the
   * error of the item when the outage has lasted too long for its job.
   */
  recordFailure(item: LeasedItem, failure: AppError, delayMs: number): AppError | undefined;
  /** Records that the model of this item responded. */
  end(item: LeasedItem): void;
}

interface Outage {
  /** The latest failure of a provider call. Rejections by the circuit breaker do not explain the cause. */
  cause: AppError;
  readonly jobs: LRUCache<string, JobOutage>;
}

/** Times in milliseconds. */
interface JobOutage {
  /** The job's first failure in the outage. */
  readonly since: number;
  /** Later failures belong to another outage, e.g. after the job is retried on the next day. */
  readonly until: number;
}

/** Above these numbers, the least recently used clock starts again. */
const MODELS_MAX = 512;
const JOBS_MAX = 2_000;
/** How long an item may wait for a worker after its delay. */
const QUEUE_MS_MAX = 15 * 60_000;

/**
 * Creates a clock that measures how long each model has not responded. Every response of the model, to any job, ends its
 * outage. Each job gets the whole time from its first failure, so that an outage before its start never fails it.
 * A worker that restarts measures from its start, so an outage never seems longer than it is.
 */
export function createOutageClock(outageMsMax: number): OutageClock {
  const outages = new LRUCache<string, Outage>({ max: MODELS_MAX });
  return {
    recordFailure({ jobId, options }, failure, delayMs) {
      const model = modelOf(options);
      const outage = outages.get(model) ?? { cause: failure, jobs: new LRUCache<string, JobOutage>({ max: JOBS_MAX }) };
      outages.set(model, outage);
      if (failure.code !== 'CIRCUIT_OPEN') outage.cause = failure;
      const now = performance.now();
      const known = outage.jobs.get(jobId);
      const since = known && now <= known.until ? known.since : now;
      outage.jobs.set(jobId, { since, until: now + delayMs + QUEUE_MS_MAX });
      if (now - since < outageMsMax) return undefined;
      const { code, publicMessage } = outage.cause;
      const minutes = Math.round((now - since) / 60_000);
      return new AppError(code, `${publicMessage} The model has not responded for ${minutes} minutes.`);
    },
    end({ options }) {
      outages.delete(modelOf(options));
    },
  };
}

/** An empty name is the default model. */
function modelOf({ model = '' }: LeasedItem['options']): string {
  return model;
}
