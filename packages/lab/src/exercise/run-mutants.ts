import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CheckTaskOptions, checkTask } from './check-task.ts';

/** The default export of a file in `mutants/`: a wrong variant of the solution. */
export interface Mutant {
  /** The mistake as a sentence. */
  readonly mistake: string;
  /** The check that must fail. */
  readonly killedBy: string;
  /** The file of the solution that it changes. */
  readonly file: string;
  /** Each `find` occurs exactly once in the file. */
  readonly replacements: readonly { readonly find: string; readonly replace: string }[];
}

export interface MutantResult {
  readonly name: string;
  readonly mutant: Mutant;
  /** Whether its check failed. */
  readonly isKilled: boolean;
  readonly saw: string | null;
  readonly problem: string | null;
}

export async function loadMutants(taskFolder: string): Promise<readonly { name: string; mutant: Mutant }[]> {
  const files = (await readdir(join(taskFolder, 'mutants'))).filter((file) => file.endsWith('.ts')).sort();
  return Promise.all(
    files.map(async (file) => ({
      name: file.replace(/\.ts$/, ''),
      mutant: (await import(pathToFileURL(join(taskFolder, 'mutants', file)).href)).default as Mutant,
    })),
  );
}

export function applyMutant(source: string, { file, replacements }: Mutant): string {
  return replacements.reduce((changed, { find, replace }) => {
    const occurrences = changed.split(find).length - 1;
    if (occurrences !== 1) throw new Error(`${file} contains ${JSON.stringify(find)} ${occurrences} times instead of once.`);
    return changed.replace(find, () => replace);
  }, source);
}

export type RunMutantsOptions = Omit<CheckTaskOptions, 'learnerFolder' | 'only' | 'onResult'> & {
  readonly onResult?: ((result: MutantResult) => void) | undefined;
};

/** Runs the check that must kill each mutant of a task. */
export async function runMutants({ onResult, ...options }: RunMutantsOptions): Promise<readonly MutantResult[]> {
  const { taskFolder, repositoryFolder } = options;
  const results: MutantResult[] = [];
  for (const { name, mutant } of await loadMutants(taskFolder)) {
    const result = await withExerciseFolder(repositoryFolder, async (learnerFolder) => {
      await cp(join(taskFolder, 'solution'), learnerFolder, { recursive: true });
      const path = join(learnerFolder, mutant.file);
      await writeFile(path, applyMutant(await readFile(path, 'utf8'), mutant));
      const { results, problem } = await checkTask({ ...options, learnerFolder, only: [mutant.killedBy] });
      const [checked] = results;
      return { name, mutant, isKilled: checked?.status === 'failed', saw: checked?.saw ?? null, problem };
    });
    results.push(result);
    onResult?.(result);
  }
  return results;
}

/** Calls `use` with an empty folder whose imports resolve as in the repository, and removes the folder. */
export async function withExerciseFolder<T>(repositoryFolder: string, use: (folder: string) => Promise<T>): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), 'prodigon-exercise-'));
  try {
    await symlink(join(repositoryFolder, 'node_modules'), join(parent, 'node_modules'));
    await writeFile(join(parent, 'package.json'), '{"type":"module"}\n');
    const folder = join(parent, 'copy');
    await cp(join(parent, 'package.json'), join(folder, 'package.json'));
    return await use(folder);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}
