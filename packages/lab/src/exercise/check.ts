import type { LearnerProcess } from './learner-process.ts';
import type { Random } from './random.ts';
import type { SequenceRecorder } from './sequence-recorder.ts';

export interface CheckFailure {
  /** The required behavior, as a sentence. */
  readonly expected: string;
  /** The observed behavior, as a sentence. */
  readonly saw: string;
  /** Where to look. Defaults to the `where` of the check. */
  readonly where?: string;
}

/** The learner's code does not meet the requirement of a check. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError';
  readonly failure: CheckFailure;

  constructor(failure: CheckFailure) {
    super(`Expected: ${failure.expected} Saw: ${failure.saw}`);
    this.failure = failure;
  }
}

/** What a check receives for one case. */
export interface CaseContext {
  readonly seed: number;
  readonly random: Random;
  /** The process with the learner's code. All cases share it until it ends. */
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
  /** Where to look if the check fails. */
  readonly where: string;
  /** The number of generated cases in a run. */
  readonly cases: number;
  /** Time limit of a case in milliseconds. Defaults to 10 s. */
  readonly caseLimitMs?: number;
  run(context: CaseContext): Promise<void>;
}

/** Returns the check. Throws a `RangeError` if its id or its number of cases is invalid. */
export function defineCheck(check: Check): Check {
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(check.id)) throw new RangeError(`"${check.id}" is not a valid check id.`);
  if (!Number.isInteger(check.cases) || check.cases < 1) throw new RangeError(`The check ${check.id} has no cases.`);
  return check;
}
