import type { CallContext } from '@prodigon/ports';

/** Who looks at an overview does not wait for a process that is frozen while others have answered. */
const ANSWER_WITHIN_MS = 1_000;

/**
 * The answers of those replicas of a service that give one in time, or of the first one that answers at all, however
 * late: on a busy machine all are. A single replica is simply asked. Throws what the first one threw when all fail.
 */
export async function fanOut<Replica, Answer>(
  replicas: readonly Replica[],
  context: CallContext,
  ask: (replica: Replica, context: CallContext) => Promise<Answer>,
  answerWithinMs = ANSWER_WITHIN_MS,
): Promise<Answer[]> {
  const [only, ...others] = replicas;
  if (only && others.length === 0) return [await ask(only, context)];
  const enough = new AbortController();
  const signal = AbortSignal.any([context.signal, enough.signal]);
  const answers: { readonly replica: number; readonly answer: Answer }[] = [];
  const asked = replicas.map(async (each, replica) => {
    answers.push({ replica, answer: await ask(each, { ...context, signal }) });
  });
  const all = Promise.allSettled(asked);
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, answerWithinMs);
  try {
    await Promise.race([all, patience.promise]);
    if (answers.length === 0) await Promise.any(asked).catch(() => {});
    if (answers.length === 0) throw (await all).find((each) => each.status === 'rejected')?.reason;
    return answers.sort((one, other) => one.replica - other.replica).map(({ answer }) => answer);
  } finally {
    clearTimeout(timer);
    enough.abort();
  }
}
