import {
  closeSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
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
/** A part of the solution that is not copied. */
const ALTERNATIVES = 'alternatives';

/** Returns the name of a task's copy in messages and commands, e.g. `my/01`. */
export const ownFolderName = ({ definition }: Pick<WorkshopTask, 'definition'>): string => `my/${definition.id}`;
const nameOf = (folder: string): string => `my/${basename(folder)}`;

export function createLearnerFiles({ learnerDirectory, now }: LearnerFilesOptions): LearnerFiles {
  const folderOf = ({ definition }: WorkshopTask) => join(learnerDirectory, definition.id);
  const isStarted = (task: WorkshopTask) => existsSync(folderOf(task));

  function assertFolder(task: WorkshopTask): void {
    const stats = statSync(folderOf(task), { throwIfNoEntry: false });
    if (stats && !stats.isDirectory())
      throw new AppError('CONFLICT', `${ownFolderName(task)} is not a folder. Move it away first.`);
  }

  function assertStarted(task: WorkshopTask): void {
    assertFolder(task);
    if (!isStarted(task)) throw new AppError('TASK_NOT_STARTED');
  }

  /** Copies a folder beside the copies. A full disk leaves nothing. Returns the copy, which `renameSync` puts into place. */
  function draftOf(source: string, name: string): string {
    const draft = join(learnerDirectory, `${DRAFT}${name}-${process.pid}`);
    try {
      rmSync(draft, { recursive: true, force: true });
      // A link to a folder is copied as that folder, and pipes and sockets have nothing to copy.
      cpSync(realpathSync(source), draft, {
        recursive: true,
        filter: (path) => basename(path) !== 'node_modules' && isCopyable(path),
      });
      return draft;
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
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
      assertFolder(task);
      if (isStarted(task)) return false;
      renameSync(draftOf(join(task.folder, 'starter'), task.definition.id), folderOf(task));
      return true;
    },
    reset(task) {
      assertStarted(task);
      const backup = backupFolder(task);
      const draft = draftOf(join(task.folder, 'starter'), task.definition.id);
      renameSync(folderOf(task), backup);
      renameSync(draft, folderOf(task));
      return nameOf(backup);
    },
    applySolution(task) {
      assertStarted(task);
      const solution = join(task.folder, 'solution');
      const backup = backupFolder(task);
      renameSync(draftOf(folderOf(task), task.definition.id), backup);
      cpSync(solution, realpathSync(folderOf(task)), {
        recursive: true,
        force: true,
        filter: (path) => relative(solution, path) !== ALTERNATIVES,
      });
      return nameOf(backup);
    },
  };
}

/** Returns the regular files below a folder, relative to it. Ignores links, which could lead anywhere. */
function listFiles(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.split('/').includes('node_modules'));
}

function isCopyable(path: string): boolean {
  const stats = lstatSync(path);
  return stats.isFile() || stats.isDirectory() || stats.isSymbolicLink();
}

/** Returns the beginning of a file, or null if it does not exist or cannot be read. */
function readFileText(path: string): string | null {
  let file: number | undefined;
  try {
    if (!lstatSync(path).isFile()) return null;
    file = openSync(path, 'r');
    const bytes = Buffer.alloc(WORKSHOP_LIMITS.fileBytesMax);
    return bytes.subarray(0, readSync(file, bytes)).toString('utf8');
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
