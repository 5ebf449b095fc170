import type { JobActivity, Model, ModelHealth, ModelList } from '@prodigon/contracts';
import type { CallContext, JobsClient, ModelClient } from '@prodigon/ports';

const TIMEOUT_MS = 1_000;

/**
 * Queries all replicas of a service concurrently. Resolves with the responses that arrive within `timeoutMs`, or with the
 * first later one if none does. Rejects with the first replica's error when all fail.
 */
async function fanOut<Replica, Response>(
  replicas: readonly Replica[],
  context: CallContext,
  query: (replica: Replica, context: CallContext) => Promise<Response>,
  timeoutMs = TIMEOUT_MS,
): Promise<[Response, ...Response[]]> {
  const [only, ...others] = replicas;
  if (only && others.length === 0) return [await query(only, context)];
  const cancellation = new AbortController();
  const signal = AbortSignal.any([context.signal, cancellation.signal]);
  const responses: { readonly index: number; readonly response: Response }[] = [];
  const pending = replicas.map(async (replica, index) => {
    responses.push({ index, response: await query(replica, { ...context, signal }) });
  });
  const all = Promise.allSettled(pending);
  const timeout = Promise.withResolvers<void>();
  const timer = setTimeout(timeout.resolve, timeoutMs);
  try {
    await Promise.race([all, timeout.promise]);
    if (responses.length === 0) await Promise.any(pending).catch(() => {});
    const [first, ...more] = responses.sort((one, other) => one.index - other.index).map(({ response }) => response);
    if (first === undefined) throw (await all).find((result) => result.status === 'rejected')?.reason;
    return [first, ...more];
  } finally {
    clearTimeout(timer);
    cancellation.abort();
  }
}

/**
 * Returns the merged model list of all replicas. They list the same models, but each measures their health itself. The
 * result has the sum of the calls and the worst state, because some requests reach that replica.
 */
export async function fetchMergedModelList(
  replicas: readonly Pick<ModelClient, 'models'>[],
  context: CallContext,
  timeoutMs?: number,
): Promise<ModelList> {
  const [first, ...others] = await fanOut(replicas, context, (replica, own) => replica.models(own), timeoutMs);
  return { ...first, models: first.models.map((model) => ({ ...model, health: mergeHealth(model, others) })) };
}

/**
 * Returns the merged activity of all worker replicas: the sums of their totals, and the durations of the slowest replica.
 * Queue figures come from the shared database, so all replicas report the same.
 */
export async function fetchMergedJobActivity(
  replicas: readonly Pick<JobsClient, 'activity'>[],
  context: CallContext,
  timeoutMs?: number,
): Promise<JobActivity> {
  const activities = await fanOut(replicas, context, (replica, own) => replica.activity(own), timeoutMs);
  return activities.reduce(addActivity);
}

function addActivity(one: JobActivity, other: JobActivity): JobActivity {
  return {
    ...one,
    since: [one.since, other.since].sort()[0] ?? one.since,
    claimed_total: one.claimed_total + other.claimed_total,
    retries_total: one.retries_total + other.retries_total,
    lease_expiries_total: one.lease_expiries_total + other.lease_expiries_total,
    succeeded_total: one.succeeded_total + other.succeeded_total,
    failed_total: one.failed_total + other.failed_total,
    wait_ms: slower(one.wait_ms, other.wait_ms),
    run_ms: slower(one.run_ms, other.run_ms),
  };
}

function mergeHealth({ id, provider, health }: Model, others: readonly ModelList[]): ModelHealth {
  const same = others.flatMap(({ models }) => models.find((model) => model.id === id && model.provider === provider) ?? []);
  return same.reduce((sum, { health: other }) => addHealth(sum, other), health);
}

function addHealth(one: ModelHealth, other: ModelHealth): ModelHealth {
  return {
    state: worse(STATES, one.state, other.state),
    breaker: worse(BREAKERS, one.breaker, other.breaker),
    succeeded: one.succeeded + other.succeeded,
    failed: one.failed + other.failed,
    ttft_p50_ms: largest(one.ttft_p50_ms, other.ttft_p50_ms),
    last_error: newest(one.last_error, other.last_error),
    retry_after_s: largest(one.retry_after_s, other.retry_after_s),
  };
}

/** From best to worst. */
const STATES: readonly ModelHealth['state'][] = ['unknown', 'ok', 'failing', 'limited', 'unavailable'];
const BREAKERS: readonly ModelHealth['breaker'][] = ['closed', 'half_open', 'open'];

function worse<State>(order: readonly State[], one: State, other: State): State {
  return order.indexOf(other) > order.indexOf(one) ? other : one;
}

function largest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

function newest(one: ModelHealth['last_error'], other: ModelHealth['last_error']): ModelHealth['last_error'] {
  return one && other ? (other.at > one.at ? other : one) : (one ?? other);
}

function slower(one: JobActivity['wait_ms'], other: JobActivity['wait_ms']): JobActivity['wait_ms'] {
  if (one === null || other === null) return one ?? other;
  return one.p95 >= other.p95 ? one : other;
}
