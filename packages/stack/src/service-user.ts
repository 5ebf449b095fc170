import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canTraverse } from './database/folder-permissions.ts';
import { ensureSystemUser, type SystemUser } from './system-user.ts';

const NAME = 'prodigon';
/** Folders that the services read after their start: code that is loaded later, the web UI and the documentation. */
const FOLDERS_READ = ['.', 'apps', 'docs', 'node_modules', 'packages', 'services', 'workshop', 'apps/web/dist'];

export interface ServiceUserOptions {
  readonly rootDirectory: string;
  /** The folder for uploads. */
  readonly temporaryDirectory?: string;
  readonly currentUid?: number | undefined;
  readonly ensureUser?: (name: string) => SystemUser | null;
}

/** The user to which a service switches when it listens; null when it keeps the user that started it. */
export interface ServiceUser {
  readonly user: SystemUser | null;
  /** Why the services keep running as root, or that the user was created. */
  readonly notice?: string;
}

/**
 * Returns the user of the services. Root receives the user `prodigon`, which this function creates if necessary. The
 * services keep running as root, with a notice, when that user could not read their files.
 */
export function findServiceUser(options: ServiceUserOptions): ServiceUser {
  const { rootDirectory, temporaryDirectory = tmpdir(), currentUid = process.getuid?.() } = options;
  const { ensureUser = ensureSystemUser } = options;
  if (currentUid !== 0) return { user: null };
  const user = ensureUser(NAME);
  if (!user) return runAsRoot(`the user "${NAME}" could not be created`);
  const folders = FOLDERS_READ.map((folder) => join(rootDirectory, folder)).filter((folder) => existsSync(folder));
  const unreadable = folders.find((folder) => !canTraverse(folder, user));
  if (unreadable) return runAsRoot(`the user "${NAME}" cannot enter ${unreadable}`);
  if (!isWritable(temporaryDirectory, user)) return runAsRoot(`the user "${NAME}" cannot write to ${temporaryDirectory}`);
  return { user, ...(user.isCreated && { notice: `Created the system user "${NAME}", which runs the services.` }) };
}

function runAsRoot(reason: string): ServiceUser {
  return { user: null, notice: `The services run as root, because ${reason}.` };
}

function isWritable(folder: string, user: SystemUser): boolean {
  if (!canTraverse(folder, user)) return false;
  const { mode, uid, gid } = statSync(folder);
  const writable = uid === user.uid ? 0o200 : gid === user.gid ? 0o020 : 0o002;
  return (mode & writable) !== 0;
}
