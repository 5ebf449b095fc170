import type { JobActivity } from '@prodigon/contracts';
import type { CallContext, JobsClient } from '@prodigon/ports';
import { fanOut } from './fan-out.ts';

/**
 * The activity of a worker service that several processes offer. Each counts for itself since it began, so
 * the totals are added up over those that answer; the times are those of the slowest. Throws what the first
 * one threw when none answers.
 */
export async function mergedJobActivity(
  replicas: readonly Pick<JobsClient, 'activity'>[],
  context: CallContext,
  answerWithinMs?: number,
): Promise<JobActivity> {
  const answers = await fanOut(replicas, context, (replica, own) => replica.activity(own), answerWithinMs);
  return answers.reduce(add);
}

/** What comes from the database, they all say alike. */
function add(one: JobActivity, other: JobActivity): JobActivity {
  return {
    ...one,
    claimed_total: one.claimed_total + other.claimed_total,
    retries_total: one.retries_total + other.retries_total,
    lease_expiries_total: one.lease_expiries_total + other.lease_expiries_total,
    succeeded_total: one.succeeded_total + other.succeeded_total,
    failed_total: one.failed_total + other.failed_total,
    wait_ms: slower(one.wait_ms, other.wait_ms),
    run_ms: slower(one.run_ms, other.run_ms),
  };
}

function slower(one: JobActivity['wait_ms'], other: JobActivity['wait_ms']): JobActivity['wait_ms'] {
  if (one === null || other === null) return one ?? other;
  return one.p95 >= other.p95 ? one : other;
}
