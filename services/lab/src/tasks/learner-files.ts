import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { AppError } from '@prodigon/contracts';
import { type TaskFile, type TaskFiles, WORKSHOP_LIMITS } from '@prodigon/contracts/workshop';
import type { WorkshopTask } from './read-task.ts';

/** The learner's copies of the starters, e.g. `my/01`. */
export interface LearnerFiles {
  isStarted(task: WorkshopTask): boolean;
  /** The absolute path of the copy. */
  folderOf(task: WorkshopTask): string;
  /** Returns the files of the copy and of the starter. */
  list(task: WorkshopTask): TaskFiles;
  /** Copies the starter, unless a copy exists. Returns whether it copied. */
  start(task: WorkshopTask): boolean;
  /** Replaces the copy with the starter. Returns the backup, e.g. `my/01.backup-20261130T080516Z`. Throws `TASK_NOT_STARTED`. */
  reset(task: WorkshopTask): string;
  /** Copies the solution over the copy. Returns the backup. Throws `TASK_NOT_STARTED`. */
  applySolution(task: WorkshopTask): string;
}

export interface LearnerFilesOptions {
  /** The folder of all copies, e.g. `my`. */
  readonly learnerDirectory: string;
  readonly now: () => Date;
}

const FILES_MAX = 200;
const DRAFT = '.draft-';
/** The parts of a solution that only explain it. They are not copied. */
const EXPLANATIONS: ReadonlySet<string> = new Set(['WHY.md', 'alternatives']);

/** Returns the name of a task's copy in messages and commands, e.g. `my/01`. */
export const ownFolderName = ({ definition }: Pick<WorkshopTask, 'definition'>): string => `my/${definition.id}`;
const nameOf = (folder: string): string => `my/${basename(folder)}`;

export function createLearnerFiles({ learnerDirectory, now }: LearnerFilesOptions): LearnerFiles {
  const folderOf = ({ definition }: WorkshopTask) => join(learnerDirectory, definition.id);
  const isStarted = (task: WorkshopTask) => existsSync(folderOf(task));

  function assertStarted(task: WorkshopTask): void {
    if (!isStarted(task)) throw new AppError('TASK_NOT_STARTED');
  }

  /** A copy appears as a whole, even if this process is killed in the middle. */
  function replaceFolder(source: string, target: string, filter = (_: string) => true): void {
    const draft = join(learnerDirectory, `${DRAFT}${basename(target)}-${process.pid}`);
    rmSync(draft, { recursive: true, force: true });
    cpSync(source, draft, { recursive: true, filter: (path) => basename(path) !== 'node_modules' && filter(path) });
    renameSync(draft, target);
  }

  function backupFolder(task: WorkshopTask): string {
    const time = now()
      .toISOString()
      .replaceAll(/[-:]|\.\d+/g, '');
    const name = `${folderOf(task)}.backup-${time}`;
    let candidate = name;
    for (let number = 2; existsSync(candidate); number += 1) candidate = `${name}-${number}`;
    return candidate;
  }

  mkdirSync(learnerDirectory, { recursive: true });
  for (const name of readdirSync(learnerDirectory)) {
    if (name.startsWith(DRAFT)) rmSync(join(learnerDirectory, name), { recursive: true, force: true });
  }

  return {
    isStarted,
    folderOf,
    list(task) {
      const [starter, own] = [join(task.folder, 'starter'), folderOf(task)];
      const paths = [...new Set([...listFiles(starter), ...listFiles(own)])].sort().slice(0, FILES_MAX);
      const files: TaskFile[] = paths.map((path) => ({
        path,
        starter: readFileText(join(starter, path)),
        own: readFileText(join(own, path)),
      }));
      return { folder: ownFolderName(task), files };
    },
    start(task) {
      if (isStarted(task)) return false;
      replaceFolder(join(task.folder, 'starter'), folderOf(task));
      return true;
    },
    reset(task) {
      assertStarted(task);
      const backup = backupFolder(task);
      renameSync(folderOf(task), backup);
      replaceFolder(join(task.folder, 'starter'), folderOf(task));
      return nameOf(backup);
    },
    applySolution(task) {
      assertStarted(task);
      const solution = join(task.folder, 'solution');
      const backup = backupFolder(task);
      replaceFolder(folderOf(task), backup);
      cpSync(solution, folderOf(task), {
        recursive: true,
        force: true,
        filter: (path) => !EXPLANATIONS.has(relative(solution, path)),
      });
      return nameOf(backup);
    },
  };
}

/** Returns the regular files below a folder, relative to it. Ignores links, which could lead anywhere. */
function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.split('/').includes('node_modules'));
}

function readFileText(path: string): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) return null;
  return readFileSync(path).subarray(0, WORKSHOP_LIMITS.fileBytesMax).toString('utf8');
}
