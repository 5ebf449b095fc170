import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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
