import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createManualTimers, type ManualTimers } from './timers.test-support.ts';
import { isSource, watchSources } from './watch-sources.ts';

const DEBOUNCE_MS = 150;
const WAIT = { timeout: 60_000, interval: 5 };

describe('watchSources', () => {
  let rootDirectory: string;
  let timers: ManualTimers;
  const onChange = vi.fn();

  beforeEach(() => {
    rootDirectory = mkdtempSync(join(tmpdir(), 'prodigon-watch-'));
    timers = createManualTimers();
    onChange.mockReset();
    onTestFinished(() => rmSync(rootDirectory, { recursive: true }));
  });

  function write(path: string): void {
    mkdirSync(dirname(join(rootDirectory, path)), { recursive: true });
    writeFileSync(join(rootDirectory, path), String(Math.random()));
  }

  it('reports a series of changes once, after a pause', async () => {
    write('packages/one/src/one.ts');
    const stop = watchSources({ rootDirectory, onChange, timers });
    onTestFinished(stop);
    for (const path of ['packages/one/src/one.ts', 'packages/one/src/one.ts']) write(path);
    await vi.waitFor(() => expect(timers.waiting()).toEqual([DEBOUNCE_MS]), WAIT);
    expect(onChange).not.toHaveBeenCalled();
    timers.fire(DEBOUNCE_MS);
    expect(onChange).toHaveBeenCalledOnce();
  });

  it('ignores files that are not sources, and cancels a pending report when it stops', async () => {
    write('config/models.yaml');
    const stop = watchSources({ rootDirectory, onChange, timers });
    write('config/notes.md');
    await new Promise((resolve) => setImmediate(resolve));
    expect(timers.waiting()).toEqual([]);
    write('config/models.yaml');
    await vi.waitFor(() => expect(timers.waiting()).toEqual([DEBOUNCE_MS]), WAIT);
    stop();
    expect(timers.waiting()).toEqual([]);
  });
});

it.each([
  ['stack/src/create-stack.ts', true],
  ['models.yaml', true],
  ['models.yml', true],
  ['package.json', true],
  ['stack/src/create-stack.test.ts', false],
  ['stack/src/fake-platform.test-support.ts', false],
  ['stack/node_modules/one/index.ts', false],
  ['dist/index.ts', false],
  ['stack\\dist\\index.ts', false],
  ['distance/index.ts', true],
  ['notes.md', false],
])('classifies %s as a source: %s', (file, expected) => {
  expect(isSource(file)).toBe(expected);
});
