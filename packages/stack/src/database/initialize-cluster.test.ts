import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DatabaseLocation } from './database-location.ts';
import { findErrorLine, initializeCluster } from './initialize-cluster.ts';

describe('initializeCluster', () => {
  let parent: string;
  let location: DatabaseLocation;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'prodigon-initdb-'));
    const binaries = { directory: '/postgres', version: '18.4.0', major: '18' };
    location = { parent, folder: join(parent, 'database'), binaries, notices: [] };
    onTestFinished(() => rmSync(parent, { recursive: true }));
  });

  type RunInitdb = NonNullable<Parameters<typeof initializeCluster>[3]>;
  const writeVersion: RunInitdb = async () => writeFileSync(join(parent, 'database.new', 'PG_VERSION'), '18');

  it('runs initdb on a new folder with a random password from a file that only its user can read', async () => {
    const files: unknown[] = [];
    const run = vi.fn<RunInitdb>(async () => {
      const password = join(parent, 'database.password');
      files.push(readFileSync(password, 'utf8'), statSync(password).mode & 0o777);
      files.push(statSync(join(parent, 'database.new')).mode & 0o777);
    });
    const store = vi.fn();
    await initializeCluster(location, null, store, run);
    const [password] = store.mock.calls[0] ?? [];
    expect(password).toMatch(/^[\w-]{43}$/);
    expect(files).toEqual([`${password}\n`, 0o600, 0o700]);
    const [program, args, user] = run.mock.calls[0] ?? [];
    expect([program, user]).toEqual(['/postgres/bin/initdb', null]);
    expect(args).toEqual(
      expect.arrayContaining([
        ...[`--pgdata=${parent}/database.new`, `--pwfile=${parent}/database.password`],
        ...['--username=prodigon', '--auth=scram-sha-256', '--encoding=UTF8'],
      ]),
    );
  });

  it('stores the password before the folder has its final name, and removes the password file', async () => {
    let existedBefore = true;
    const store = () => {
      existedBefore = existsSync(location.folder);
    };
    await initializeCluster(location, null, store, writeVersion);
    expect([existedBefore, existsSync(join(location.folder, 'PG_VERSION'))]).toEqual([false, true]);
    expect(readdirSync(parent)).toEqual(['database']);
  });

  it('replaces the files of an interrupted initialization', async () => {
    mkdirSync(join(parent, 'database.new', 'base'), { recursive: true });
    writeFileSync(join(parent, 'database.password'), 'old');
    await initializeCluster(location, null, () => {}, writeVersion);
    expect(readdirSync(location.folder)).toEqual(['PG_VERSION']);
  });

  it('creates no database and leaves no password behind when initdb fails', async () => {
    const store = vi.fn();
    const failed = initializeCluster(location, null, store, () => Promise.reject(new Error('no space')));
    await expect(failed).rejects.toThrow('no space');
    expect([store.mock.calls, readdirSync(parent)]).toEqual([[], ['database.new']]);
  });

  it('gives the files to the user of the server', async () => {
    // Only root can give files to another user.
    const isRoot = process.getuid?.() === 0;
    const user = isRoot ? { uid: 54_321, gid: 54_321 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const run = vi.fn<RunInitdb>(writeVersion);
    await initializeCluster(location, user, () => {}, run);
    expect(run.mock.calls[0]?.[2]).toEqual(user);
    expect(statSync(location.folder)).toMatchObject(user);
  });
});

it('returns the first error of initdb', () => {
  const output = 'initdb: warning: trust\ninitdb: error: could not create folder\ninitdb: error: removing contents\n';
  expect(findErrorLine(output)).toBe('initdb: error: could not create folder');
});

it('returns the last line of initdb when there is no error', () => {
  expect(findErrorLine('creating configuration\nkilled\n')).toBe('killed');
  expect(findErrorLine('')).toBe('');
});
