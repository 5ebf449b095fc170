import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { type ConnectionRecord, connectionUrl, publicUrl, readRecord, writeRecord } from './connection-record.ts';

const RECORD: ConnectionRecord = { folder: '/data', port: 5433, user: 'ada', password: 'p@ss/word', database: 'prodigon' };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-record-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

it('replaces the record, with access for its owner only, and leaves no draft behind', () => {
  writeFileSync(join(folder, `database.json.${process.pid}`), 'draft of an earlier start', { mode: 0o644 });
  writeRecord(folder, { ...RECORD, port: 1 });
  writeRecord(folder, RECORD);
  expect(readRecord(folder)).toEqual(RECORD);
  expect(readdirSync(folder)).toEqual(['database.json']);
  expect(statSync(join(folder, 'database.json')).mode & 0o777).toBe(0o600);
});

it('returns null when the record is missing or invalid', () => {
  expect(readRecord(folder)).toBeNull();
  writeFileSync(join(folder, 'database.json'), JSON.stringify({ ...RECORD, port: 'none' }));
  expect(readRecord(folder)).toBeNull();
});

it('encodes the password in the URL and keeps it out of the public URL', () => {
  expect(connectionUrl(RECORD)).toBe('postgresql://ada:p%40ss%2Fword@127.0.0.1:5433/prodigon');
  expect(publicUrl(RECORD)).toBe('postgresql://127.0.0.1:5433/prodigon');
});
