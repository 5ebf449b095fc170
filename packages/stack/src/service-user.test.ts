import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { findServiceUser } from './service-user.ts';

const USER = { uid: 54_321, gid: 54_322 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-user-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'docs'));
  mkdirSync(join(folder, 'temporary'));
  for (const path of [folder, join(folder, 'docs')]) chmodSync(path, 0o755);
  chmodSync(join(folder, 'temporary'), 0o1777);
});

const find = (options: Partial<Parameters<typeof findServiceUser>[0]> = {}) =>
  findServiceUser({
    rootDirectory: folder,
    temporaryDirectory: join(folder, 'temporary'),
    currentUid: 0,
    ensureUser: () => USER,
    ...options,
  });

it('returns the user "prodigon" for root', () => {
  const names: string[] = [];
  const ensureUser = (name: string) => {
    names.push(name);
    return USER;
  };
  expect([find({ ensureUser }), names]).toEqual([{ user: USER }, ['prodigon']]);
});

it('reports that it created the user', () => {
  const user = { ...USER, isCreated: true } as const;
  expect(find({ ensureUser: () => user })).toEqual({
    user,
    notice: 'Created the system user "prodigon", which runs the services.',
  });
});

it('keeps the user that started the services unless it is root', () => {
  const ensureUser = () => expect.unreachable('It creates no user.');
  expect(find({ currentUid: 1_000, ensureUser })).toEqual({ user: null });
});

it('keeps root when the user cannot be created', () => {
  expect(find({ ensureUser: () => null })).toEqual({
    user: null,
    notice: 'The services run as root, because the user "prodigon" could not be created.',
  });
});

it.each(['.', 'docs'])('keeps root when the user cannot enter the folder %s of the repository', (name) => {
  chmodSync(join(folder, name), 0o700);
  expect(find()).toEqual({
    user: null,
    notice: `The services run as root, because the user "prodigon" cannot enter ${join(folder, name)}.`,
  });
});

it.each([0o755, 0o1770])('keeps root when the user cannot store uploads (mode %o)', (mode) => {
  chmodSync(join(folder, 'temporary'), mode);
  expect(find()).toEqual({
    user: null,
    notice: `The services run as root, because the user "prodigon" cannot write to ${join(folder, 'temporary')}.`,
  });
});
