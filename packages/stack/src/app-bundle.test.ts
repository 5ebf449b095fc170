import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { bundlePath, findAppEntry, isBundleFresh, sourcePath, writeInputs } from './app-bundle.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'prodigon-bundle-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function writeBundle(): void {
  write('apps/worker/src/main.ts', 'a');
  write('packages/contracts/src/index.ts', 'b');
  write('apps/worker/dist/main.mjs', 'c');
  writeInputs(root, join(root, 'apps/worker/dist'), ['apps/worker/src/main.ts', 'packages/contracts/src/index.ts']);
}

it('starts the bundle when all of its sources are unchanged', () => {
  writeBundle();
  expect(findAppEntry(root, 'worker')).toBe(join(root, 'apps/worker/dist/main.mjs'));
  expect(bundlePath(root, 'worker')).toBe(join(root, 'apps/worker/dist/main.mjs'));
});

it.each([
  ['has a different size', () => write('packages/contracts/src/index.ts', 'longer')],
  ['has a different modification time', () => utimesSync(join(root, 'packages/contracts/src/index.ts'), 1, 1)],
  ['is missing', () => rmSync(join(root, 'packages/contracts/src/index.ts'))],
])('starts the source when a file of the bundle %s', (_case, change) => {
  writeBundle();
  change();
  expect(isBundleFresh(root, 'worker')).toBe(false);
  expect(findAppEntry(root, 'worker')).toBe(join(root, 'apps/worker/src/main.ts'));
  expect(sourcePath(root, 'worker')).toBe(join(root, 'apps/worker/src/main.ts'));
});

it.each(['', '{}', '[]'])('starts the source when the record of the bundle inputs is "%s"', (record) => {
  writeBundle();
  write('apps/worker/dist/inputs.json', record);
  expect(isBundleFresh(root, 'worker')).toBe(false);
});

it('starts the source of an app that has no bundle', () => {
  writeBundle();
  expect(findAppEntry(root, 'gateway')).toBe(join(root, 'apps/gateway/src/main.ts'));
});
