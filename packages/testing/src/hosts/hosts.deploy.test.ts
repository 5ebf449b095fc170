import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAILURE_CASES, REPRESENTATIVE_CASES, titleOf } from './failure-cases.ts';
import { writeFailureResult } from './failure-report.ts';
import { type PlatformHosts, startPlatformHosts } from './platform-hosts.ts';
import { FAILURE_TIMES, runFailureCase } from './run-failure-case.ts';

const isComplete = process.env.PRODIGON_FAILURE_CASES === 'all';
const cases = FAILURE_CASES.filter((failure) => isComplete || REPRESENTATIVE_CASES.includes(titleOf(failure)));
const CASE_TIMEOUT_MS = 300_000;
const RECOVERY_S_MAX = 30;

let platform: PlatformHosts;

beforeAll(async () => {
  platform = await startPlatformHosts();
}, CASE_TIMEOUT_MS);
afterAll(() => platform?.close());

it.for(cases.map((failure) => [titleOf(failure), failure] as const))(
  'loses no item, ends no stream as complete that is not, and recovers after a failure: %s',
  { timeout: CASE_TIMEOUT_MS },
  async ([, failure]) => {
    const result = await runFailureCase(platform, failure);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    if (isComplete) writeFailureResult(result, FAILURE_TIMES.failureMs / 1_000);
    expect(result.job).toMatchObject({ lost: 0, doubled: 0 });
    expect([result.streams, result.requests, result.reads].filter(({ wrong }) => wrong)).toEqual([]);
    expect(result.calls_max).toBeLessThanOrEqual(2);
    expect(platform.crashed()).toEqual([]);
    expect(result.green_s).toBeLessThanOrEqual(RECOVERY_S_MAX);
  },
);
