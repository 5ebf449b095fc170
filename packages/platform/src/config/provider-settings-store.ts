import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError, type ProviderSettings, providerSettingsSchema } from '@prodigon/contracts';
import { isRoot, serviceUserOf } from '../lifecycle/drop-privileges.ts';
import { createDataDirectory } from '../repository.ts';

/** The provider settings that the web UI has stored, by provider. */
export type StoredProviders = Readonly<Record<string, ProviderSettings>>;

export interface LoadedProviders {
  readonly providers: StoredProviders;
  /** Sentences about stored settings that are ignored. They contain no values. */
  readonly warnings: readonly string[];
}

/** Stores one file for each provider, so that replicas that write different providers do not overwrite each other. */
export interface ProviderSettingsStore {
  read(): LoadedProviders;
  /** Replaces the settings of a provider atomically. Throws an `AppError` when the folder cannot keep them secret. */
  write(name: string, settings: ProviderSettings): void;
  remove(name: string): void;
}

const FOLDER = 'provider-settings';
const EXTENSION = '.json';
const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;
const OTHERS = 0o077;
const PERMISSION_CODES: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM']);

/** Creates the store in a data directory. Only its owner can access the folder and its files. */
export function createProviderSettingsStore(dataDirectory: string): ProviderSettingsStore {
  const folder = join(dataDirectory, FOLDER);
  const pathOf = (name: string) => join(folder, name + EXTENSION);

  return {
    read() {
      const exposure = findExposure(folder, 'folder');
      if (exposure === 'missing') return { providers: {}, warnings: [] };
      if (exposure) return { providers: {}, warnings: [warningOf(folder, exposure)] };
      const warnings: string[] = [];
      const names = namesIn(folder);
      const entries = names.flatMap((name) => {
        const path = pathOf(name);
        const settings = readSettings(path);
        if (typeof settings === 'object') return [[name, settings] as const];
        if (settings !== 'missing') warnings.push(warningOf(path, settings));
        return [];
      });
      return { providers: Object.fromEntries(entries), warnings };
    },

    write(name, settings) {
      createFolder(dataDirectory, folder);
      const exposure = findExposure(folder, 'folder');
      if (exposure) throw new AppError('CONFLICT', `The settings were not stored. ${warningOf(folder, exposure)}.`);
      const temporary = join(folder, `${randomUUID()}.tmp`);
      try {
        writeDurably(temporary, JSON.stringify(settings));
        renameSync(temporary, pathOf(name));
      } finally {
        rmSync(temporary, { force: true });
      }
    },

    remove: (name) => rmSync(pathOf(name), { force: true }),
  };
}

/**
 * Allows the services to write the store after they have switched from root to another user. If root calls this, it creates
 * the folder and makes the user of the services its owner. Does nothing for other users.
 */
export function prepareProviderSettings(dataDirectory: string, env: NodeJS.ProcessEnv): void {
  const user = serviceUserOf(env);
  if (!user || !isRoot()) return;
  const folder = join(dataDirectory, FOLDER);
  mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  for (const path of [...namesIn(folder).map((name) => join(folder, name + EXTENSION)), folder]) {
    // A user who can write to the folder could have linked another file of root there.
    const { uid, mode, nlink } = lstatSync(path);
    const isOwn = uid === 0 && (mode & OTHERS) === 0 && (path === folder || nlink === 1);
    if (isOwn) lchownSync(path, user.uid, user.gid);
  }
}

type Exposure = 'missing' | 'is accessible to other users' | 'is not a regular file or folder' | 'belongs to another user';

/** Returns why a path cannot be trusted to keep a secret; undefined if it can. */
function findExposure(path: string, type: 'file' | 'folder'): Exposure | undefined {
  const status = statusOf(path);
  if (!status) return 'missing';
  if (!(type === 'file' ? status.isFile() : status.isDirectory())) return 'is not a regular file or folder';
  if ((status.mode & OTHERS) !== 0) return 'is accessible to other users';
  // Root also reads the files of the user that its services run as.
  if (!isRoot() && status.uid !== process.getuid?.()) return 'belongs to another user';
  return undefined;
}

/** Returns undefined when this process cannot see the path, e.g. because DATA_DIR belongs to another user. */
function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function readSettings(path: string): ProviderSettings | Exposure | 'cannot be read' | 'is damaged' {
  const exposure = findExposure(path, 'file');
  if (exposure) return exposure;
  try {
    const parsed = providerSettingsSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : 'is damaged';
  } catch (thrown) {
    return thrown instanceof SyntaxError ? 'is damaged' : 'cannot be read';
  }
}

function createFolder(dataDirectory: string, folder: string): void {
  try {
    createDataDirectory(dataDirectory);
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  } catch (cause) {
    if (!PERMISSION_CODES.has((cause as NodeJS.ErrnoException).code)) throw cause;
    throw new AppError('CONFLICT', 'The settings were not stored, because the services cannot write to DATA_DIR.', { cause });
  }
}

function warningOf(path: string, problem: string): string {
  const remedy = problem === 'is accessible to other users' ? `run chmod -R go= ${path}` : 'enter the settings again';
  return `${path} ${problem}, so its provider settings are ignored: ${remedy}`;
}

function namesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
    .sort();
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', OWNER_ONLY_FILE);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // The umask may only remove bits, but a default ACL may add some.
  chmodSync(path, OWNER_ONLY_FILE);
}
