import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimState, readState, removeState, type StackState, stateFilePath, writeState } from './state-file.ts';

let folder: string;
const stateOf = (pid: number): StackState => ({
  version: '0.1.0',
  topology: 'monolith',
  started_at: new Date(0).toISOString(),
  supervisor: { pid, started: `boot ${pid}` },
  only: null,
  url: null,
  processes: [],
});

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'prodigon-state-')), 'data');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

it('replaces the state and leaves no draft behind', () => {
  writeState(folder, stateOf(1));
  writeState(folder, stateOf(2));
  expect(readState(folder)).toEqual(stateOf(2));
  expect(readdirSync(folder)).toEqual(['stack.json']);
  removeState(folder);
  expect(readState(folder)).toBeNull();
});

it('lets only the first of two supervisors claim the data folder', () => {
  expect(claimState(folder, stateOf(1), null)).toBe(true);
  expect(claimState(folder, stateOf(2), null)).toBe(false);
  expect(readState(folder)).toEqual(stateOf(1));
});

it('lets only one successor replace a dead supervisor', () => {
  writeState(folder, stateOf(1));
  expect(claimState(folder, stateOf(2), stateOf(1))).toBe(true);
  expect(claimState(folder, stateOf(3), stateOf(1))).toBe(false);
  expect(readState(folder)).toEqual(stateOf(2));
});

it('treats an invalid state file as missing', () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(stateFilePath(folder), '{"supervisor": 12');
  expect(readState(folder)).toBeNull();
  expect(claimState(folder, stateOf(1), null)).toBe(true);
});

it('lets no supervisor replace one that is alive, whatever its pid', () => {
  writeState(folder, stateOf(1));
  expect(claimState(folder, stateOf(2), { ...stateOf(1), supervisor: { pid: 1, started: 'another boot' } })).toBe(false);
  expect(claimState(folder, stateOf(2), { ...stateOf(1), supervisor: { pid: 9, started: 'boot 1' } })).toBe(false);
  expect(readState(folder)).toEqual(stateOf(1));
  expect(readdirSync(folder)).toEqual(['stack.json']);
});

it('keeps the state of a standalone service in a file of its own', () => {
  writeState(folder, stateOf(1));
  writeState(folder, { ...stateOf(2), only: 'worker' });
  expect(readdirSync(folder).sort()).toEqual(['stack-worker.json', 'stack.json']);
  expect(readState(folder, 'worker')).toMatchObject({ only: 'worker', supervisor: { pid: 2 } });
  removeState(folder, 'worker');
  expect([readState(folder, 'worker'), readState(folder)?.supervisor.pid]).toEqual([null, 1]);
});

it('writes a file that a person can read and only its owner can open', () => {
  claimState(folder, stateOf(1), null);
  expect(statSync(stateFilePath(folder)).mode & 0o777).toBe(0o600);
  expect(readFileSync(stateFilePath(folder), 'utf8')).toBe(`${JSON.stringify(stateOf(1), null, 2)}\n`);
});

it('rejects a state with an impossible pid', () => {
  writeState(folder, stateOf(0));
  expect(readState(folder)).toBeNull();
});

it('explains a data folder that cannot be written', () => {
  const file = join(folder, '..', 'file');
  writeFileSync(file, '');
  const message = `DATA_DIR cannot be written: ${join(file, 'data')} (ENOTDIR).`;
  expect(() => writeState(join(file, 'data'), stateOf(1))).toThrow(expect.objectContaining({ exitCode: 78, message }));
});

it('explains an error other than a faster start while it claims the folder', () => {
  mkdirSync(stateFilePath(folder), { recursive: true });
  expect(() => claimState(folder, stateOf(1), null)).toThrow(/^DATA_DIR cannot be written: .+ \(\w+\)\.$/);
});
