import type { SequenceDiagram } from '@prodigon/contracts/workshop';
import { type CaseContext, type Check, CheckFailedError, type CheckFailure } from './check.ts';
import { LearnerProblemError, LearnerThrewError } from './learner-problem.ts';
import type { LearnerLimits, LearnerProcess } from './learner-process.ts';
import type { LearnerSession } from './learner-session.ts';
import { createRandom } from './random.ts';
import { createSequenceRecorder } from './sequence-recorder.ts';

export interface CaseFailure extends CheckFailure {
  readonly seed: number;
  readonly input: string | null;
  readonly diagram: SequenceDiagram | null;
}

export interface RunCaseOptions {
  readonly check: Check;
  readonly seed: number;
  readonly session: LearnerSession;
  readonly limits: LearnerLimits;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs one case. Returns its failure, or null when it passes. Rejects when the code cannot be loaded, when the signal
 * aborts, and when the check itself has a defect.
 */
export async function runCase({ check, seed, session, limits, signal }: RunCaseOptions): Promise<CaseFailure | null> {
  signal?.throwIfAborted();
  const learner = await interruptible(session.acquire(), signal);
  const stop = new AbortController();
  const recorder = createSequenceRecorder({ now: () => performance.now() });
  let input: string | null = null;
  let diagram: SequenceDiagram | null = null;
  // The diagram ends when the case fails. Afterwards, the check stops what it started.
  const takeDiagram = () => {
    diagram ??= recorder.diagram();
  };
  const context: CaseContext = {
    seed,
    random: createRandom(seed, check.id),
    learner,
    recorder,
    signal: stop.signal,
    describeInput: (text) => {
      input = text;
    },
    fail: (failure) => {
      takeDiagram();
      throw new CheckFailedError(failure);
    },
  };
  learner.takeOutput();
  try {
    await limitCase({ check, context, learner, limits, signal, onExpired: takeDiagram });
    return null;
  } catch (error) {
    takeDiagram();
    if (signal?.aborted) throw error;
    const failure = toFailure(error, check);
    if (!failure) throw error;
    // What the code printed before its last message may still be unread.
    await new Promise(setImmediate);
    const printed = learner.takeOutput();
    const saw = printed ? `${failure.saw}\n\nYour code printed:\n${printed}` : failure.saw;
    return { ...failure, saw, seed, input, diagram };
  } finally {
    stop.abort();
    if (signal?.aborted) await session.stop();
  }
}

interface LimitCaseOptions extends Pick<RunCaseOptions, 'check' | 'limits' | 'signal'> {
  readonly context: CaseContext;
  readonly learner: LearnerProcess;
  readonly onExpired: () => void;
}

/** Runs the check until it ends, its process has a problem, or its time limit passes. */
async function limitCase({ check, context, learner, limits, signal, onExpired }: LimitCaseOptions): Promise<void> {
  const limitMs = check.caseLimitMs ?? limits.caseMs;
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    onExpired();
    void learner.explainHang(limitMs).then((saw) => {
      expired.reject(new CheckFailedError({ expected: `${check.title}.`, saw }));
      // The process may be blocked, so the next case starts another one.
      void learner.stop();
    });
  }, limitMs);
  const running = check.run(context);
  // The check may reject after the race, because the abort ends its calls.
  running.catch(() => {});
  try {
    await interruptible(Promise.race([runToEnd(running, learner), learner.problem, expired.promise]), signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a ping. An unhandled rejection arrives before its response, and counts for this case. */
async function runToEnd(running: Promise<void>, learner: LearnerProcess): Promise<void> {
  await running;
  await learner.ping();
}

function toFailure(error: unknown, check: Check): CheckFailure | null {
  if (error instanceof CheckFailedError) return error.failure;
  const isLearnerError = error instanceof LearnerThrewError || (error instanceof LearnerProblemError && !error.isLoading);
  return isLearnerError ? { expected: `${check.title}.`, saw: error.message } : null;
}

async function interruptible<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
