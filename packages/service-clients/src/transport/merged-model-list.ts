import type { Model, ModelHealth, ModelList } from '@prodigon/contracts';
import type { CallContext, ModelClient } from '@prodigon/ports';
import { fanOut } from './fan-out.ts';

/**
 * The models of a model service that several processes offer. They offer the same, and each has its own experience with
 * them: calls are added up, and the state is that of the one that is worst off, since some requests meet it.
 */
export async function mergedModelList(
  replicas: readonly Pick<ModelClient, 'models'>[],
  context: CallContext,
  answerWithinMs?: number,
): Promise<ModelList> {
  const [first, ...others] = await fanOut(replicas, context, (replica, own) => replica.models(own), answerWithinMs);
  if (!first) throw new TypeError('A service needs a replica.');
  return { ...first, models: first.models.map((model) => ({ ...model, health: healthOverAll(model, others) })) };
}

function healthOverAll({ id, provider, health }: Model, others: readonly ModelList[]): ModelHealth {
  const same = others.flatMap(({ models }) => models.find((model) => model.id === id && model.provider === provider) ?? []);
  return same.reduce((sum, model) => add(sum, model.health), health);
}

function add(one: ModelHealth, other: ModelHealth): ModelHealth {
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

/** From the best to the worst. */
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
