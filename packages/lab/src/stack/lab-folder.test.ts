import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeLabFolder, removeLabFolder } from './lab-folder.ts';

function makeFolder(): string {
  const folder = makeLabFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it('makes a folder that the user of the database server can traverse', () => {
  expect(statSync(makeFolder()).mode & 0o777).toBe(0o711);
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
