import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWrongSolutions } from '@prodigon/lab/exercise';
import { matrixOf } from '@prodigon/testing';
import { expect, it } from 'vitest';

const TASK = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const NAMES = readdirSync(join(TASK, 'wrong-solutions'))
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== 'inference-client');

it.for(matrixOf(NAMES, (name) => name === 'default-for-absent-max-tokens'))(
  'the checks say what is wrong with the solution "%s"',
  async (name) => {
    const options = { taskFolder: TASK, repositoryFolder: join(TASK, '../../..'), seed: 1, names: [name] };
    const [result] = await runWrongSolutions(options);
    expect(result).toMatchObject({ isKilled: true, problem: null });
    expect(`${result?.expected} ${result?.saw}`).toContain(result?.mutant.report);
  },
);
