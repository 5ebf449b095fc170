import type { CallContext } from '@prodigon/ports';

/** Who looks at an overview does not wait for a process that is frozen. */
const ANSWER_WITHIN_MS = 1_000;

/**
 * The answers of those replicas of a service that give one in time; a single replica is simply asked. Throws what the
 * first one threw when none answers.
 */
export async function answersOfAll<Replica, Answer>(
  replicas: readonly Replica[],
  context: CallContext,
  ask: (replica: Replica, context: CallContext) => Promise<Answer>,
  answerWithinMs = ANSWER_WITHIN_MS,
): Promise<Answer[]> {
  const [only, ...others] = replicas;
  if (only && others.length === 0) return [await ask(only, context)];
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(answerWithinMs)]);
  const asked = await Promise.allSettled(replicas.map((replica) => ask(replica, { ...context, signal })));
  const answers = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (answers.length > 0) return answers;
  throw asked.find((each) => each.status === 'rejected')?.reason;
}
