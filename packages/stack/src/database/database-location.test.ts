import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseDatabaseLocation } from './database-location.ts';
import { canTraverse } from './folder-permissions.ts';
import { STRANGER, useTraversableFolder } from './traversable-folder.test-support.ts';

const folder = useTraversableFolder();

/** Creates a folder with the layout of PostgreSQL's package. */
function fakeBinaries(mode: number) {
  const directory = folder.make('native', 0o755);
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'bin', 'postgres'), '#!/bin/sh', { mode: 0o700 });
  symlinkSync('postgres', join(directory, 'bin', 'alias'));
  chmodSync(directory, mode);
  return { directory, version: '18.4.0', major: '18' };
}

it('uses DATA_DIR when the server runs as the current user', () => {
  const dataDirectory = folder.make('data', 0o700);
  const binaries = fakeBinaries(0o700);
  expect(chooseDatabaseLocation({ dataDirectory, binaries, serverUser: null })).toEqual({
    parent: dataDirectory,
    folder: join(dataDirectory, 'database'),
    binaries,
    notices: [],
  });
});

describe('for a server that runs as another user', () => {
  const locate = (dataDirectory: string, binaries: ReturnType<typeof fakeBinaries>) =>
    chooseDatabaseLocation({ dataDirectory, binaries, serverUser: STRANGER, sharedDirectory: join(folder.path, 'shared') });

  it('uses DATA_DIR when the server user can traverse it', () => {
    const binaries = fakeBinaries(0o755);
    const dataDirectory = folder.make('data', 0o711);
    expect(locate(dataDirectory, binaries)).toMatchObject({ parent: dataDirectory, binaries, notices: [] });
  });

  it('uses a stable shared folder when the server user cannot traverse DATA_DIR, and reports it', () => {
    const dataDirectory = folder.make('data', 0o700);
    const first = locate(dataDirectory, fakeBinaries(0o755));
    expect(first.parent).toMatch(new RegExp(`^${folder.path}/shared/[0-9a-f]{16}$`));
    expect(first.notices).toEqual([
      `PostgreSQL cannot run as root, and its user cannot enter ${dataDirectory}. The database is in ${first.parent}.`,
    ]);
    expect(canTraverse(first.parent, STRANGER)).toBe(true);
    expect(locate(dataDirectory, first.binaries).parent).toBe(first.parent);
    expect(locate(folder.make('other', 0o700), first.binaries).parent).not.toBe(first.parent);
  });

  it('copies PostgreSQL to the shared folder when the server user cannot traverse node_modules', () => {
    const binaries = fakeBinaries(0o700);
    const dataDirectory = folder.make('data', 0o711);
    const { binaries: copy, notices } = locate(dataDirectory, binaries);
    expect(notices).toEqual([
      `The user of PostgreSQL cannot enter node_modules. PostgreSQL runs from a copy in ${copy.directory}.`,
    ]);
    expect(canTraverse(join(copy.directory, 'bin'), STRANGER)).toBe(true);
    expect(statSync(join(copy.directory, 'bin', 'postgres')).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(copy.directory, 'bin', 'alias'), 'utf8')).toBe('#!/bin/sh');
    expect(locate(dataDirectory, binaries).binaries).toEqual(copy);
  });
});
