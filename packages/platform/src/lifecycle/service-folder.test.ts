import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { prepareServiceFolder } from './service-folder.ts';

const isRoot = process.getuid?.() === 0;
const env = { PRODIGON_SERVICE_USER: '54321:54322' };
const ownerOf = (path: string) => [statSync(path).uid, statSync(path).gid];

function createDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-service-folder-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

it.runIf(isRoot)('gives a new folder, and what root has stored in it, to the user of the service', () => {
  const directory = createDirectory();
  const [folder, created] = [join(directory, 'stored'), join(directory, 'created')];
  mkdirSync(join(folder, 'inner'), { recursive: true });
  writeFileSync(join(folder, 'inner', 'file'), '');
  writeFileSync(join(directory, 'outside'), '');
  symlinkSync(join(directory, 'outside'), join(folder, 'link'));
  for (const path of [folder, created]) prepareServiceFolder(path, env);
  for (const path of [created, folder, join(folder, 'inner', 'file')]) expect(ownerOf(path)).toEqual([54_321, 54_322]);
  expect(statSync(created).mode & 0o777).toBe(0o700);
  expect(ownerOf(join(directory, 'outside'))).toEqual([0, 0]);
});

it.runIf(isRoot)('changes nothing in a folder that belongs to another user', () => {
  const directory = createDirectory();
  const folder = join(directory, 'folder');
  prepareServiceFolder(folder, env);
  writeFileSync(join(folder, 'file'), '');
  prepareServiceFolder(folder, env);
  expect(ownerOf(join(folder, 'file'))).toEqual([0, 0]);
});

it('creates no folder for a process that does not switch to another user', () => {
  const folder = join(createDirectory(), 'folder');
  prepareServiceFolder(folder, {});
  expect(existsSync(folder)).toBe(false);
});
