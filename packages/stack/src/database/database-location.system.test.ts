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
import { choosePlace } from './database-location.ts';
import { completePackage, locatePostgres } from './postgres-binaries.ts';
import { canEnter } from './reachable.ts';
import { findServerAccount } from './server-user.ts';

const isRoot = process.getuid?.() === 0;
/** Somebody who owns nothing here. */
const STRANGER = { uid: 54_321, gid: 54_321 };
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'prodigon-place-')));
  chmodSync(folder, 0o711);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function make(path: string, mode: number): string {
  const made = join(folder, path);
  mkdirSync(made, { recursive: true });
  chmodSync(made, mode);
  return made;
}

/** What looks like PostgreSQL's package. */
function fakeBinaries(mode: number) {
  const directory = make('native', 0o755);
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'bin', 'postgres'), '#!/bin/sh', { mode: 0o700 });
  symlinkSync('postgres', join(directory, 'bin', 'alias'));
  chmodSync(directory, mode);
  return { directory, version: '18.4.0', major: '18' };
}

it('is in DATA_DIR when we are the server ourselves', () => {
  const dataDirectory = make('data', 0o700);
  const binaries = fakeBinaries(0o700);
  expect(choosePlace({ dataDirectory, binaries, account: null })).toEqual({
    parent: dataDirectory,
    folder: join(dataDirectory, 'database'),
    binaries,
    notices: [],
  });
});

describe('for a server that is another user', () => {
  const place = (dataDirectory: string, binaries: ReturnType<typeof fakeBinaries>) =>
    choosePlace({ dataDirectory, binaries, account: STRANGER, sharedDirectory: join(folder, 'shared') });

  it('is in DATA_DIR too when that user may pass through', () => {
    const binaries = fakeBinaries(0o755);
    const dataDirectory = make('data', 0o711);
    expect(place(dataDirectory, binaries)).toMatchObject({ parent: dataDirectory, binaries, notices: [] });
  });

  it('is elsewhere when that user may not, always in the same place, and says so', () => {
    const dataDirectory = make('data', 0o700);
    const first = place(dataDirectory, fakeBinaries(0o755));
    expect(first.parent).toMatch(new RegExp(`^${folder}/shared/[0-9a-f]{16}$`));
    expect(first.notices).toEqual([
      `We are root and PostgreSQL may not be, and its user cannot enter ${dataDirectory}: the database is in ${first.parent}.`,
    ]);
    expect(canEnter(first.parent, STRANGER)).toBe(true);
    expect(place(dataDirectory, first.binaries).parent).toBe(first.parent);
    expect(place(make('other', 0o700), first.binaries).parent).not.toBe(first.parent);
  });

  it('takes a copy of PostgreSQL that everybody can run when that user cannot enter node_modules', () => {
    const binaries = fakeBinaries(0o700);
    const dataDirectory = make('data', 0o711);
    const { binaries: copy, notices } = place(dataDirectory, binaries);
    expect(notices).toEqual([`PostgreSQL itself runs from a copy in ${copy.directory}, for the same reason.`]);
    expect(canEnter(join(copy.directory, 'bin'), STRANGER)).toBe(true);
    expect(statSync(join(copy.directory, 'bin', 'postgres')).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(copy.directory, 'bin', 'alias'), 'utf8')).toBe('#!/bin/sh');
    expect(place(dataDirectory, binaries).binaries).toEqual(copy);
  });
});

describe('a folder may be entered', () => {
  it('by its owner, its group and others as each is allowed, and only when all above it may be', () => {
    const inner = make('outer/inner', 0o701);
    expect(canEnter(inner, STRANGER)).toBe(true);
    chmodSync(inner, 0o770);
    expect(canEnter(inner, STRANGER)).toBe(false);
    const { uid, gid } = statSync(inner);
    expect(canEnter(inner, { uid: STRANGER.uid, gid })).toBe(true);
    chmodSync(inner, 0o077);
    // Who owns it is not let in as one of the others.
    expect(canEnter(inner, { uid, gid })).toBe(false);
    chmodSync(inner, 0o755);
    chmodSync(join(folder, 'outer'), 0o750);
    expect(canEnter(inner, STRANGER)).toBe(false);
    chmodSync(inner, 0o755);
    expect(canEnter(join(folder, 'none'), STRANGER)).toBe(false);
  });
});

describe("PostgreSQL's package", () => {
  it('is there for this machine, and is version 18', () => {
    const { directory, major } = locatePostgres();
    expect(major).toBe('18');
    expect(existsSync(join(directory, 'bin', 'postgres'))).toBe(true);
  });

  it('is missing for another kind of machine, in one sentence', () => {
    expect(() => locatePostgres('sunos-sparc')).toThrow(
      'No PostgreSQL is installed for this kind of machine (sunos-sparc). Run npm install, or set DATABASE_URL to a server of your own.',
    );
  });

  it('is completed with the links and permissions that an archive has lost, once', () => {
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

  it('that cannot be completed is one sentence', () => {
    make('package/native/bin', 0o755);
    const broken = join(folder, 'package');
    expect(() => completePackage(broken)).toThrow(
      `PostgreSQL's package cannot be completed, since its folder cannot be written: ${broken} (ENOENT).`,
    );
  });
});

it.runIf(isRoot)('runs the server as a user who is not root when we are root', () => {
  expect(findServerAccount()).toMatchObject({ uid: expect.any(Number) });
  expect(findServerAccount()?.uid).not.toBe(0);
});

it.skipIf(isRoot)('runs the server as ourselves when we are not root', () => {
  expect(findServerAccount()).toBeNull();
});
