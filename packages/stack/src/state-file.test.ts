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

it('is what was written, and leaves no drafts behind', () => {
  writeState(folder, stateOf(1));
  writeState(folder, stateOf(2));
  expect(readState(folder)).toEqual(stateOf(2));
  expect(readdirSync(folder)).toEqual(['stack.json']);
  removeState(folder);
  expect(readState(folder)).toBeNull();
});

it('belongs to the first that claims it', () => {
  expect(claimState(folder, stateOf(1), null)).toBe(true);
  expect(claimState(folder, stateOf(2), null)).toBe(false);
  expect(readState(folder)).toEqual(stateOf(1));
});

it('passes from a dead supervisor to one successor, not to two', () => {
  writeState(folder, stateOf(1));
  expect(claimState(folder, stateOf(2), stateOf(1))).toBe(true);
  expect(claimState(folder, stateOf(3), stateOf(1))).toBe(false);
  expect(readState(folder)).toEqual(stateOf(2));
});

it('counts as absent when it is not one of ours', () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(stateFilePath(folder), '{"supervisor": 12');
  expect(readState(folder)).toBeNull();
  expect(claimState(folder, stateOf(1), null)).toBe(true);
});
