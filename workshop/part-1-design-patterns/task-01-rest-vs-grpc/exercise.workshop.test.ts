import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkTask, runMutants, runWrongSolutions, withExerciseFolder } from '@prodigon/lab/exercise';
import { describe, expect, it } from 'vitest';

const TASK = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const REPOSITORY = join(TASK, '../../..');
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const LIMIT_MS = 1_200_000;

describe('the exercise of task 1 over many seeds', () => {
  it.for(['solution', 'solution/alternatives/interceptors', 'solution/alternatives/least-outstanding'])(
    'passes every check on %s with 20 seeds',
    { timeout: LIMIT_MS },
    async (folder) => {
      for (const seed of SEEDS) {
        const options = { taskFolder: TASK, learnerFolder: join(TASK, folder), repositoryFolder: REPOSITORY, seed };
        const { results, problem } = await checkTask(options);
        expect(problem).toBeNull();
        expect(results.filter(({ status }) => status !== 'passed')).toEqual([]);
      }
    },
  );

  it('kills every mutant by its check, whatever the seed', { timeout: LIMIT_MS }, async () => {
    for (const seed of SEEDS.slice(0, 3)) {
      const results = await runMutants({ taskFolder: TASK, repositoryFolder: REPOSITORY, seed });
      expect(results.filter(({ isKilled }) => !isKilled)).toEqual([]);
    }
  });

  it('passes every check on the client that the wrong solutions change', { timeout: LIMIT_MS }, async () => {
    const check = (learnerFolder: string) =>
      checkTask({ taskFolder: TASK, learnerFolder, repositoryFolder: REPOSITORY, seed: 1 });
    const { results, problem } = await withExerciseFolder(REPOSITORY, async (folder) => {
      await cp(join(TASK, 'solution'), folder, { recursive: true });
      await cp(join(TASK, 'wrong-solutions/inference-client.ts'), join(folder, 'inference-client.ts'));
      return check(folder);
    });
    expect(problem).toBeNull();
    expect(results.filter(({ status }) => status !== 'passed')).toEqual([]);
  });

  it('says what is wrong with each solution of somebody who had not seen the checks', { timeout: LIMIT_MS }, async () => {
    for (const seed of SEEDS.slice(0, 3)) {
      const results = await runWrongSolutions({ taskFolder: TASK, repositoryFolder: REPOSITORY, seed });
      expect(results.length).toBeGreaterThanOrEqual(10);
      for (const { name, mutant, isKilled, expected, saw } of results)
        expect({ name, isKilled, report: `${expected} ${saw}` }).toEqual({
          ...{ name, isKilled: true, report: expect.stringContaining(mutant.report) },
        });
    }
  });
});
