import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { findPostmaster, parsePostmasterFile } from './postmaster-file.ts';

/** A pid file of PostgreSQL 18. */
const fileOf = (pid: number, status: string) =>
  `${pid}\n/data/database\n1772446500\n5433\n\n127.0.0.1\n  5432001         3\n${status}\n`;

describe('parsePostmasterFile', () => {
  it('reads the pid, the port and whether the server is ready', () => {
    expect(parsePostmasterFile(fileOf(4711, 'ready   '))).toEqual({ pid: 4711, port: 5433, isReady: true });
    expect(parsePostmasterFile(fileOf(4711, 'starting'))).toEqual({ pid: 4711, port: 5433, isReady: false });
    expect(parsePostmasterFile('4711\n/data/database\n')).toMatchObject({ pid: 4711, isReady: false });
  });

  it.each(['', 'postgres', '-4711', '0', '1.5'])('returns null when the file names no server: "%s"', (text) => {
    expect(parsePostmasterFile(`${text}\n/data\n`)).toBeNull();
  });
});

describe('findPostmaster', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'prodigon-postmaster-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
  });
  const write = (pid: number) => writeFileSync(join(folder, 'postmaster.pid'), fileOf(pid, 'ready'));

  it('finds no server without a pid file', () => {
    expect(findPostmaster(folder)).toBeNull();
  });

  it('keeps the pid file of a server that has ended, because PostgreSQL replaces it', () => {
    write(2 ** 30);
    expect(findPostmaster(folder)).toBeNull();
    expect(existsSync(join(folder, 'postmaster.pid'))).toBe(true);
  });

  it('removes the pid file when its pid belongs to another program', () => {
    write(process.pid);
    expect(findPostmaster(folder)).toBeNull();
    expect(existsSync(join(folder, 'postmaster.pid'))).toBe(false);
  });
});
