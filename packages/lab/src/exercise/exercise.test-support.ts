import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Check, defineCheck } from './check.ts';
import type { LearnerLimits } from './learner-process.ts';
import { type CheckReport, type RunChecksOptions, runChecks } from './run-checks.ts';
import { withExerciseFolder } from './run-mutants.ts';

export const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');

const DRIVER = `export default {
  module: 'double.ts',
  exports: ['double'],
  createCommands: (module, emit) => ({
    double: (value) => module.double(value),
    announce: (value) => emit('announced', value),
  }),
};
`;

/** Doubles numbers up to 50. */
export const DOUBLE_CHECK: Check = defineCheck({
  id: 'doubles',
  title: 'double(n) returns 2n',
  stage: 'arithmetic',
  where: 'double.ts',
  cases: 5,
  run: async ({ random, learner, recorder, describeInput, fail }) => {
    const value = random.integer(1, 50);
    describeInput(`double(${value})`);
    recorder.participants([
      { id: 'check', label: 'Check' },
      { id: 'you', label: 'Your code', isLearner: true },
    ]);
    const call = recorder.message('check', 'you', `double(${value})`);
    const doubled = await learner.call('double', value);
    call.received();
    if (doubled !== 2 * value) fail({ expected: `double(${value}) returns ${2 * value}.`, saw: `It returned ${doubled}.` });
  },
});

export const SECOND_CHECK: Check = { ...DOUBLE_CHECK, id: 'doubles-again' };

/** Limits with which code that hangs fails soon. */
export const SHORT_LIMITS: Partial<LearnerLimits> = { loadMs: 3_000, caseMs: 1_500, pingMs: 300 };

export type CheckCodeOptions = Partial<Omit<RunChecksOptions, 'driver' | 'learnerFolder'>>;

/** Runs checks on a file of a learner with this source. Without a source there is no file. */
export function checkCode(source: string | null, options: CheckCodeOptions = {}): Promise<CheckReport> {
  return withExerciseFolder(REPOSITORY, async (learnerFolder) => {
    const driver = await writeExercise(learnerFolder, source);
    return runChecks({
      task: '07',
      checks: [DOUBLE_CHECK],
      driver,
      learnerFolder,
      label: 'my/07',
      repositoryFolder: REPOSITORY,
      seed: 1,
      ...options,
    });
  });
}

/** Writes the learner's file and the driver, and returns the path of the driver. */
export async function writeExercise(learnerFolder: string, source: string | null): Promise<string> {
  const checks = join(learnerFolder, '../task/checks');
  await mkdir(checks, { recursive: true });
  await writeFile(join(checks, 'driver.ts'), DRIVER);
  if (source !== null) await writeFile(join(learnerFolder, 'double.ts'), source);
  return join(checks, 'driver.ts');
}

/** Returns the running processes of a process group. Those that have ended and that nothing has reaped do not count. */
export async function listGroup(groupId: number): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pgid,stat,args']);
  return stdout.split('\n').filter((line) => {
    const [group, status = ''] = line.trim().split(/\s+/);
    return Number(group) === groupId && !status.startsWith('Z');
  });
}
