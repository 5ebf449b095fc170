import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { taskHintsSchema } from '@prodigon/contracts/workshop';
import { applyMutant, checkTask, loadMutants, loadTaskChecks } from '@prodigon/lab/exercise';
import { describe, expect, it } from 'vitest';

const TASK = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const REPOSITORY = join(TASK, '../../..');

const check = (folder: string, seed = 1, only?: readonly string[]) =>
  checkTask({ taskFolder: TASK, learnerFolder: join(TASK, folder), repositoryFolder: REPOSITORY, seed, only });

describe('the exercise of task 1', () => {
  it('fails exactly the listed checks on the starter, each with a diagram and a way to replay it', async () => {
    const { definition } = await loadTaskChecks(TASK);
    const { results, problem } = await check('starter');
    expect(problem).toBeNull();
    const failed = results.filter(({ status }) => status === 'failed');
    expect(failed.map((result) => result.check)).toEqual(definition.starter_fails);
    expect(results.filter(({ status }) => status === 'skipped')).toEqual([]);
    for (const result of failed) {
      expect(result.diagram?.events.length).toBeGreaterThan(0);
      expect(result.replay).toBe(`./prodigon lab check 01 --only ${result.check} --seed ${result.seed}`);
      for (const text of [result.expected, result.saw, result.where, result.input]) expect(text).toBeTruthy();
    }
  });

  it('repeats the failing case from its seed', async () => {
    const only = ['explicit-zero'];
    const [first] = (await check('starter', 11, only)).results;
    const [again] = (await check('starter', first?.seed, only)).results;
    expect(again).toMatchObject({ status: 'failed', cases: 1, seed: first?.seed, input: first?.input, saw: first?.saw });
  });

  it('has three hints for each check', async () => {
    const { checks } = await loadTaskChecks(TASK);
    const hints = taskHintsSchema.parse(JSON.parse(await readFile(join(TASK, 'hints.json'), 'utf8')));
    expect(Object.keys(hints).sort()).toEqual(checks.map(({ id }) => id).sort());
  });

  it('has mutants that apply to the solution, and at least one for each check except the first', async () => {
    const { checks } = await loadTaskChecks(TASK);
    const mutants = await loadMutants(TASK);
    const solution = await readFile(join(TASK, 'solution/inference-client.ts'), 'utf8');
    for (const { mutant } of mutants) expect(applyMutant(solution, mutant)).not.toBe(solution);
    const killers = new Set(mutants.map(({ mutant }) => mutant.killedBy));
    expect(checks.map(({ id }) => id).filter((id) => !killers.has(id))).toEqual(['round-trip']);
  });

  it.for(['inference-port.ts', 'try.ts'])('has the same %s in the starter and in every solution', async (file) => {
    const read = (folder: string) => readFile(join(TASK, folder, file), 'utf8');
    const starter = await read('starter');
    for (const folder of ['solution', 'solution/alternatives/interceptors', 'solution/alternatives/least-outstanding'])
      expect(await read(folder)).toBe(starter);
  });
});
