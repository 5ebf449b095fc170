import type { CaseContext } from '@prodigon/lab/exercise';
import type { InferenceClientOptions, InferenceRequest } from '../starter/inference-port.ts';
import type { CallInput, CallOutcome, StreamInput, StreamOutcome, ThrownError } from './driver-commands.ts';
import { type ModelBehaviour, type ModelReplica, startModelReplica } from './model-replica.ts';

/** The learner's client with the replicas that it calls. */
export interface ClientHarness {
  readonly replicas: readonly ModelReplica[];
  /** The first replica. */
  readonly replica: ModelReplica;
  readonly token: string;
  generate(input: CallInput): Promise<CallOutcome>;
  stream(input: StreamInput): Promise<StreamOutcome>;
  /** Makes calls in waves and returns the error of each, or null. */
  generateMany(input: CallInput & { calls: number; waveSize: number }): Promise<readonly (ThrownError | null)[]>;
  abort(): Promise<void>;
  close(): Promise<void>;
  countChannels(): Promise<number>;
  resume(): Promise<void>;
}

export interface HarnessOptions extends Partial<Pick<InferenceClientOptions, 'timeoutMs'>> {
  readonly replicas?: number;
  readonly behaviour: ModelBehaviour;
  /** Addresses besides those of the replicas. */
  readonly otherAddresses?: readonly string[];
}

const TIMEOUT_MS = 30_000;

/** Starts replicas, creates the learner's client for them, calls `use`, and stops both. */
export async function withClient(
  context: CaseContext,
  { replicas: count = 1, behaviour, otherAddresses = [], timeoutMs = TIMEOUT_MS }: HarnessOptions,
  use: (harness: ClientHarness) => Promise<void>,
): Promise<void> {
  const { learner, recorder, random } = context;
  const ids = Array.from({ length: count }, (_, index) => (count === 1 ? 'model' : `model-${index + 1}`));
  recorder.participants([
    { id: 'you', label: 'Your client', isLearner: true },
    ...ids.map((id, index) => ({ id, label: count === 1 ? 'Model service' : `Replica ${index + 1}` })),
  ]);
  const replicas: ModelReplica[] = [];
  try {
    for (const id of ids) replicas.push(await startModelReplica({ id, behaviour, recorder }));
    const [replica] = replicas;
    if (!replica) throw new RangeError('A client needs a replica.');
    const token = `token-${random.integer(1, 1_000_000)}`;
    const addresses = random.shuffle([...replicas.map(({ address }) => address), ...otherAddresses]);
    await learner.call('create', { addresses, token, timeoutMs });
    await use({
      replicas,
      replica,
      token,
      generate: (input) => learner.call('generate', input) as Promise<CallOutcome>,
      stream: (input) => learner.call('stream', input) as Promise<StreamOutcome>,
      generateMany: (input) => learner.call('generateMany', input) as Promise<readonly (ThrownError | null)[]>,
      abort: async () => {
        await learner.call('abort');
      },
      close: async () => {
        await learner.call('close');
      },
      countChannels: async () => Number(await learner.call('countChannels')),
      resume: async () => {
        await learner.call('resume');
      },
    });
  } finally {
    // A process that has ended cannot close its client.
    await learner.call('reset').catch(() => {});
    await Promise.all(replicas.map((started) => started.stop()));
  }
}

/** Returns a request with a question of random words. */
export function createRequest({ random }: CaseContext): InferenceRequest {
  return { messages: [{ role: 'user', content: random.words(random.integer(1, 12)) }] };
}

/** Returns the value of a promise, or null if the promise takes longer. Only failing checks reach the limit. */
export async function settlesWithin<T>(promise: Promise<T>, limitMs = 3_000): Promise<{ readonly value: T } | null> {
  const { promise: expired, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, limitMs, null);
  try {
    return await Promise.race([promise.then((value) => ({ value })), expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when the driver emits the event for the `occurrence`-th time. */
export function waitForEvent({ learner }: CaseContext, name: string, occurrence = 1): Promise<void> {
  return new Promise((resolve) => {
    let remaining = occurrence;
    const stop = learner.onEvent((emitted) => {
      if (emitted !== name) return;
      remaining -= 1;
      if (remaining > 0) return;
      stop();
      resolve();
    });
  });
}

/** Returns a number with its noun, e.g. `1 part` or `2 parts`. */
export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Describes the outcome of a call for a report. */
export function describeOutcome(outcome: CallOutcome | StreamOutcome): string {
  if (outcome.status === 'threw')
    return outcome.error.isAppError
      ? `The call failed with an ${outcome.error.name}.`
      : `The call failed with ${outcome.error.name}.`;
  return outcome.status === 'left' ? 'The loop ended with break.' : 'The call ended without an error.';
}
