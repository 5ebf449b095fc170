import type { LearnerProcess } from './learner-process.ts';
import type { Random } from './random.ts';
import type { SequenceRecorder } from './sequence-recorder.ts';

export interface CheckFailure {
  /** What the check requires, as a sentence. */
  readonly expected: string;
  readonly saw: string;
  /** Where to look; the `where` of the check without it. */
  readonly where?: string;
}

/** The learner's code does not do what a check requires. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError';
  readonly failure: CheckFailure;

  constructor(failure: CheckFailure) {
    super(`Expected: ${failure.expected} Saw: ${failure.saw}`);
    this.failure = failure;
  }
}

/** Everything that one case of a check works with. */
export interface CaseContext {
  readonly seed: number;
  readonly random: Random;
  /** The process with the learner's code. It is the same one for all cases until it ends. */
  readonly learner: Pick<LearnerProcess, 'call' | 'ping' | 'onEvent'>;
  readonly recorder: SequenceRecorder;
  /** Aborts when the case reaches its time limit or the run is cancelled. */
  readonly signal: AbortSignal;
  /** Describes the generated input for the report. */
  describeInput(input: string): void;
  fail(failure: CheckFailure): never;
}

export interface Check {
  /** Kebab case, e.g. `explicit-zero`. */
  readonly id: string;
  /** The requirement as a sentence without a full stop. */
  readonly title: string;
  readonly stage: string;
  /** Where to look when it fails. */
  readonly where: string;
  /** Number of generated cases in one run. */
  readonly cases: number;
  /** Time limit of a case; 10 s without it. */
  readonly caseLimitMs?: number;
  run(context: CaseContext): Promise<void>;
}

/** Returns the check after it has verified its id and its number of cases. */
export function defineCheck(check: Check): Check {
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(check.id)) throw new RangeError(`"${check.id}" is not a valid id of a check.`);
  if (!Number.isInteger(check.cases) || check.cases < 1) throw new RangeError(`The check ${check.id} has no cases.`);
  return check;
}
