import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CheckTaskOptions, checkTask } from './check-task.ts';

/** The default export of a file in `mutants/`: the solution with one mistake. */
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

/** The default export of a file in `wrong-solutions/`, which changes a client written without knowledge of the checks. */
export interface WrongSolution extends Mutant {
  /** A part of what the failing check reports. */
  readonly report: string;
}

export interface MutantResult<T extends Mutant = Mutant> {
  readonly name: string;
  readonly mutant: T;
  /** Whether its check failed. */
  readonly isKilled: boolean;
  readonly expected: string | null;
  readonly saw: string | null;
  readonly problem: string | null;
}

export async function loadMutants(taskFolder: string): Promise<readonly { name: string; mutant: Mutant }[]> {
  return loadVariants<Mutant>(taskFolder, 'mutants');
}

async function loadVariants<T extends Mutant>(taskFolder: string, folder: string) {
  const files = (await readdir(join(taskFolder, folder))).filter((file) => file.endsWith('.ts')).sort();
  const variants = await Promise.all(
    files.map(async (file) => ({
      name: file.replace(/\.ts$/, ''),
      mutant: (await import(pathToFileURL(join(taskFolder, folder, file)).href)).default as T | undefined,
    })),
  );
  // `wrong-solutions/` also contains the client that they change.
  return variants.flatMap(({ name, mutant }) => (mutant ? [{ name, mutant }] : []));
}

export function applyMutant(source: string, { file, replacements }: Mutant): string {
  return replacements.reduce((changed, { find, replace }) => {
    const occurrences = changed.split(find).length - 1;
    if (occurrences !== 1) throw new Error(`${file} contains ${JSON.stringify(find)} ${occurrences} times instead of once.`);
    return changed.replace(find, () => replace);
  }, source);
}

export type RunMutantsOptions = Omit<CheckTaskOptions, 'learnerFolder' | 'only' | 'onResult'> & {
  /** Only these; all by default. */
  readonly names?: readonly string[] | undefined;
  readonly onResult?: ((result: MutantResult) => void) | undefined;
};

/** Runs the check that must kill each mutant of a task. */
export function runMutants(options: RunMutantsOptions): Promise<readonly MutantResult[]> {
  return runVariants<Mutant>(options, 'mutants', 'solution');
}

/** Runs the check that must fail on each wrong solution of a task. */
export function runWrongSolutions(options: RunMutantsOptions): Promise<readonly MutantResult<WrongSolution>[]> {
  return runVariants<WrongSolution>(options, 'wrong-solutions', 'wrong-solutions');
}

/** Applies the variants of one folder to a file of another one, beside the other files of the solution. */
async function runVariants<T extends Mutant>(
  { names, onResult, ...options }: RunMutantsOptions,
  folder: string,
  changedFolder: string,
): Promise<readonly MutantResult<T>[]> {
  const { taskFolder, repositoryFolder } = options;
  const results: MutantResult<T>[] = [];
  for (const { name, mutant } of await loadVariants<T>(taskFolder, folder)) {
    if (names && !names.includes(name)) continue;
    const result = await withExerciseFolder(repositoryFolder, async (learnerFolder) => {
      await cp(join(taskFolder, 'solution'), learnerFolder, { recursive: true });
      const source = await readFile(join(taskFolder, changedFolder, mutant.file), 'utf8');
      await writeFile(join(learnerFolder, mutant.file), applyMutant(source, mutant));
      const { results, problem } = await checkTask({ ...options, learnerFolder, only: [mutant.killedBy] });
      const [checked] = results;
      const { expected = null, saw = null } = checked ?? {};
      return { name, mutant, isKilled: checked?.status === 'failed', expected, saw, problem };
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
