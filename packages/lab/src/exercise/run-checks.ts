import type { CheckResult } from '@prodigon/contracts/workshop';
import type { Check } from './check.ts';
import { LearnerProblemError } from './learner-problem.ts';
import { LEARNER_LIMITS, type LearnerLimits } from './learner-process.ts';
import { createLearnerSession, type LearnerSession } from './learner-session.ts';
import { deriveSeed } from './random.ts';
import { type CaseFailure, runCase } from './run-case.ts';

export interface RunChecksOptions {
  /** Two digits, for the commands in the results. */
  readonly task: string;
  readonly checks: readonly Check[];
  /** The path of `checks/driver.ts`. */
  readonly driver: string;
  readonly learnerFolder: string;
  /** The name of the learner's folder in messages, e.g. `my/01`. */
  readonly label: string;
  readonly repositoryFolder: string;
  readonly seed: number;
  /** Runs only these checks. */
  readonly only?: readonly string[] | undefined;
  /** Cancels the run, which then skips the remaining checks. */
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<LearnerLimits> | undefined;
  readonly onResult?: ((result: CheckResult) => void) | undefined;
}

export interface CheckReport {
  /** One result for each check, in the order of the checks. */
  readonly results: readonly CheckResult[];
  /** Why no check could run; null if they ran. */
  readonly problem: string | null;
  readonly isCancelled: boolean;
}

/** Runs checks on the learner's code. When it resolves or rejects, all its processes have ended. */
export async function runChecks(options: RunChecksOptions): Promise<CheckReport> {
  const { task, seed, only, signal, onResult } = options;
  const checks = options.checks.filter(({ id }) => !only || only.includes(id));
  const limits = { ...LEARNER_LIMITS, ...options.limits };
  const session = createLearnerSession({ ...options, limits });
  const results: CheckResult[] = [];
  let problem: string | null = null;
  const isCancelled = () => signal?.aborted === true;
  try {
    for (const check of checks) {
      const startedAt = performance.now();
      const outcome: CheckOutcome =
        problem !== null || isCancelled() ? SKIPPED : await runCheck(check, seed, session, limits, signal);
      if (outcome.problem !== null) problem ??= outcome.problem;
      const result = toResult(check, task, seed, outcome, performance.now() - startedAt);
      results.push(result);
      onResult?.(result);
    }
  } finally {
    await session.stop();
  }
  return { results, problem, isCancelled: isCancelled() };
}

interface CheckOutcome {
  readonly status: CheckResult['status'];
  readonly cases: number;
  readonly failure: CaseFailure | null;
  readonly problem: string | null;
}

const SKIPPED: CheckOutcome = { status: 'skipped', cases: 0, failure: null, problem: null };

/** Runs the cases of a check up to the first failure. */
async function runCheck(
  check: Check,
  seed: number,
  session: LearnerSession,
  limits: LearnerLimits,
  signal: AbortSignal | undefined,
): Promise<CheckOutcome> {
  for (let index = 0; index < check.cases; index += 1) {
    try {
      const failure = await runCase({ check, seed: deriveSeed(seed, index), session, limits, signal });
      if (failure) return { status: 'failed', cases: index + 1, failure, problem: null };
    } catch (error) {
      if (signal?.aborted) return { ...SKIPPED, cases: index };
      if (error instanceof LearnerProblemError && error.isLoading) return { ...SKIPPED, problem: error.message };
      throw error;
    }
  }
  return { status: 'passed', cases: check.cases, failure: null, problem: null };
}

function toResult(check: Check, task: string, seed: number, outcome: CheckOutcome, durationMs: number): CheckResult {
  const { failure, status, cases } = outcome;
  const caseSeed = failure?.seed ?? seed;
  return {
    check: check.id,
    title: check.title,
    stage: check.stage,
    status,
    seed: caseSeed,
    cases,
    expected: failure?.expected ?? null,
    saw: failure?.saw ?? null,
    where: failure ? (failure.where ?? check.where) : null,
    input: failure?.input ?? null,
    diagram: failure?.diagram ?? null,
    replay: `./prodigon lab check ${task} --only ${check.id} --seed ${caseSeed}`,
    hint: `./prodigon lab hint ${task} ${check.id}`,
    duration_ms: Math.round(durationMs),
  };
}
