import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeLabFolder, ownerOfLabFolder, removeLabFolder } from './lab-folder.ts';

function makeFolder(): string {
  const folder = makeLabFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it('makes a folder that the user of the database server can traverse', () => {
  expect(statSync(makeFolder()).mode & 0o777).toBe(0o711);
});

it('names the folder after the process that made it', () => {
  expect(ownerOfLabFolder(basename(makeFolder()))).toBe(process.pid);
  expect(['prodigon-lab-abc', 'prodigon-lab-7', 'prodigon-stack-7-abc'].map(ownerOfLabFolder)).toEqual([null, null, null]);
});

it('removes the folder with its content', () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'output.log'), 'text');
  removeLabFolder(folder);
  expect(existsSync(folder)).toBe(false);
  removeLabFolder(folder);
});

it('removes the folder around a database in another place', () => {
  const folder = makeFolder();
  const shared = mkdtempSync(join(tmpdir(), 'prodigon-shared-'));
  onTestFinished(() => rmSync(shared, { recursive: true, force: true }));
  const parent = join(shared, 'key');
  mkdirSync(join(parent, 'database'), { recursive: true });
  const record = { folder: join(parent, 'database'), port: 1, user: 'prodigon', password: 'secret', database: 'prodigon' };
  writeFileSync(join(folder, 'database.json'), JSON.stringify(record));
  removeLabFolder(folder);
  expect([existsSync(folder), existsSync(parent), existsSync(shared)]).toEqual([false, false, true]);
});
