import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { identifyProcess } from '../process-identity.ts';
import { claimOwnership, findOwner, releaseOwnership } from './database-owner.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-owner-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const write = (text: string) => writeFileSync(join(folder, 'database.owner'), text);

it('makes this process the owner and leaves no draft behind', () => {
  expect(findOwner(folder)).toBeNull();
  expect(claimOwnership(folder)).toBe(true);
  expect(findOwner(folder)).toEqual(identifyProcess(process.pid));
  expect(readdirSync(folder)).toEqual(['database.owner']);
  expect(statSync(join(folder, 'database.owner')).mode & 0o777).toBe(0o600);
});

it('rejects a second claim until the owner releases the database', () => {
  claimOwnership(folder);
  expect(claimOwnership(folder)).toBe(false);
  releaseOwnership(folder);
  expect(findOwner(folder)).toBeNull();
  expect(claimOwnership(folder)).toBe(true);
});

it('replaces an owner that has ended', () => {
  write(JSON.stringify({ pid: process.pid, started: 'another boot 1' }));
  expect(findOwner(folder)).toBeNull();
  expect(claimOwnership(folder)).toBe(true);
  expect(findOwner(folder)).toEqual(identifyProcess(process.pid));
});

it.each(['', '{"pid":1}', '{"pid":"1","started":"boot"}', 'null'])('replaces a damaged owner file: "%s"', (text) => {
  write(text);
  expect(findOwner(folder)).toBeNull();
  expect(claimOwnership(folder)).toBe(true);
  expect(findOwner(folder)).toEqual(identifyProcess(process.pid));
});

it('rejects a claim without a data folder', () => {
  expect(() => claimOwnership(join(folder, 'none'))).toThrow('ENOENT');
});

it('releases a database without an owner', () => {
  releaseOwnership(folder);
  expect(readdirSync(folder)).toEqual([]);
});
