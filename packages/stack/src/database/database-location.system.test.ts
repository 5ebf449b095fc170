import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseDatabaseLocation } from './database-location.ts';
import { canTraverse } from './folder-permissions.ts';
import { completePackage, locatePostgres } from './postgres-binaries.ts';
import { findServerUser } from './server-user.ts';

const isRoot = process.getuid?.() === 0;
/** A user that owns none of the test's files. */
const STRANGER = { uid: 54_321, gid: 54_321 };
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'prodigon-location-')));
  chmodSync(folder, 0o711);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function make(path: string, mode: number): string {
  const made = join(folder, path);
  mkdirSync(made, { recursive: true });
  chmodSync(made, mode);
  return made;
}

/** Creates a folder with the layout of PostgreSQL's package. */
function fakeBinaries(mode: number) {
  const directory = make('native', 0o755);
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'bin', 'postgres'), '#!/bin/sh', { mode: 0o700 });
  symlinkSync('postgres', join(directory, 'bin', 'alias'));
  chmodSync(directory, mode);
  return { directory, version: '18.4.0', major: '18' };
}

it('uses DATA_DIR when the server runs as the current user', () => {
  const dataDirectory = make('data', 0o700);
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
    chooseDatabaseLocation({ dataDirectory, binaries, serverUser: STRANGER, sharedDirectory: join(folder, 'shared') });

  it('uses DATA_DIR when the server user can traverse it', () => {
    const binaries = fakeBinaries(0o755);
    const dataDirectory = make('data', 0o711);
    expect(locate(dataDirectory, binaries)).toMatchObject({ parent: dataDirectory, binaries, notices: [] });
  });

  it('uses a stable shared folder when the server user cannot traverse DATA_DIR, and reports it', () => {
    const dataDirectory = make('data', 0o700);
    const first = locate(dataDirectory, fakeBinaries(0o755));
    expect(first.parent).toMatch(new RegExp(`^${folder}/shared/[0-9a-f]{16}$`));
    expect(first.notices).toEqual([
      `PostgreSQL cannot run as root, and its user cannot enter ${dataDirectory}. The database is in ${first.parent}.`,
    ]);
    expect(canTraverse(first.parent, STRANGER)).toBe(true);
    expect(locate(dataDirectory, first.binaries).parent).toBe(first.parent);
    expect(locate(make('other', 0o700), first.binaries).parent).not.toBe(first.parent);
  });

  it('copies PostgreSQL to the shared folder when the server user cannot traverse node_modules', () => {
    const binaries = fakeBinaries(0o700);
    const dataDirectory = make('data', 0o711);
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

describe('canTraverse', () => {
  it('checks the owner, group and other permissions of a folder and all of its parents', () => {
    const inner = make('outer/inner', 0o701);
    expect(canTraverse(inner, STRANGER)).toBe(true);
    chmodSync(inner, 0o770);
    expect(canTraverse(inner, STRANGER)).toBe(false);
    const { uid, gid } = statSync(inner);
    expect(canTraverse(inner, { uid: STRANGER.uid, gid })).toBe(true);
    chmodSync(inner, 0o077);
    // The permissions of others do not apply to the owner.
    expect(canTraverse(inner, { uid, gid })).toBe(false);
    chmodSync(inner, 0o755);
    chmodSync(join(folder, 'outer'), 0o750);
    expect(canTraverse(inner, STRANGER)).toBe(false);
    chmodSync(inner, 0o755);
    expect(canTraverse(join(folder, 'none'), STRANGER)).toBe(false);
  });
});

describe('the PostgreSQL package', () => {
  it('finds PostgreSQL 18 for this platform', () => {
    const { directory, major } = locatePostgres();
    expect(major).toBe('18');
    expect(existsSync(join(directory, 'bin', 'postgres'))).toBe(true);
  });

  it('rejects a platform without a PostgreSQL package', () => {
    expect(() => locatePostgres('sunos-sparc')).toThrow(
      'No PostgreSQL is installed for this platform (sunos-sparc). Run npm install, or set DATABASE_URL to your own server.',
    );
  });

  it('restores the links and permissions that a package archive loses, even when it runs twice', () => {
    make('package/native/lib', 0o755);
    make('package/native/bin', 0o755);
    const at = (path: string) => join(folder, 'package', 'native', path);
    for (const program of ['initdb', 'postgres']) writeFileSync(at(`bin/${program}`), '', { mode: 0o644 });
    writeFileSync(at('lib/libpq.so.5.18'), 'library');
    writeFileSync(
      at('pg-symlinks.json'),
      JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]),
    );
    for (let times = 0; times < 2; times += 1) completePackage(join(folder, 'package'));
    expect(readFileSync(at('lib/libpq.so.5'), 'utf8')).toBe('library');
    expect(statSync(at('bin/postgres')).mode & 0o111).toBe(0o111);
  });

  it('reports a PostgreSQL package whose folder is not writable', () => {
    make('package/native/bin', 0o755);
    const broken = join(folder, 'package');
    expect(() => completePackage(broken)).toThrow(
      `The PostgreSQL package cannot be completed, because its folder cannot be written: ${broken} (ENOENT).`,
    );
  });
});

it.runIf(isRoot)('runs the server as an unprivileged user when root starts it', () => {
  expect(findServerUser()).toMatchObject({ uid: expect.any(Number) });
  expect(findServerUser()?.uid).not.toBe(0);
});

it.skipIf(isRoot)('runs the server as the current user when that user is not root', () => {
  expect(findServerUser()).toBeNull();
});
