import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkTask } from '@prodigon/lab/exercise';
import { matrixOf } from '@prodigon/testing';
import { expect, it } from 'vitest';

const TASK = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const SOLUTIONS = ['solution', 'solution/alternatives/interceptors', 'solution/alternatives/least-outstanding'];

it.for(matrixOf(SOLUTIONS, (folder) => folder === 'solution'))('every check passes on %s', async (folder) => {
  const { results, problem } = await checkTask({
    taskFolder: TASK,
    learnerFolder: join(TASK, folder),
    repositoryFolder: join(TASK, '../../..'),
    seed: 1,
  });
  expect(problem).toBeNull();
  expect(results.filter(({ status }) => status !== 'passed')).toEqual([]);
});
