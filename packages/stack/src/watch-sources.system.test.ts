import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFakePlatform, type FakePlatform } from './fake-platform.test-support.ts';
import { isSource, watchSources } from './watch-sources.ts';

let platform: FakePlatform;
let stopWatching = () => {};
beforeEach(() => {
  platform = createFakePlatform();
});
afterEach(() => {
  stopWatching();
  platform.remove();
});

it('reports a changed source file', async () => {
  const folder = join(platform.rootDirectory, 'packages', 'one', 'src');
  mkdirSync(folder, { recursive: true });
  let changes = 0;
  stopWatching = watchSources({
    rootDirectory: platform.rootDirectory,
    onChange: () => {
      changes += 1;
    },
  });
  await vi.waitFor(
    () => {
      if (changes === 0) writeFileSync(join(folder, 'one.ts'), String(Math.random()));
      expect(changes).toBeGreaterThan(0);
    },
    // The interval is longer than the debounce delay.
    { timeout: 60_000, interval: 500 },
  );
});

it.each([
  ['stack/src/create-stack.ts', true],
  ['models.yaml', true],
  ['stack/src/create-stack.test.ts', false],
  ['stack/src/fake-platform.test-support.ts', false],
  ['stack/node_modules/one/index.ts', false],
  ['dist/index.ts', false],
  ['notes.md', false],
])('classifies %s as a source: %s', (file, expected) => {
  expect(isSource(file)).toBe(expected);
});
