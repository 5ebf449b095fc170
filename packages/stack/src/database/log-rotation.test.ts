import {
  closeSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { openLog, rotateLog } from './log-rotation.ts';

const LOG_MAX_BYTES = 4 * 1024 * 1024;
let log: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-log-'));
  log = join(folder, 'database.log');
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

it('keeps a log of up to 4 MiB', () => {
  writeFileSync(log, Buffer.alloc(LOG_MAX_BYTES));
  rotateLog(log);
  expect([statSync(log).size, existsSync(`${log}.1`)]).toEqual([LOG_MAX_BYTES, false]);
});

it('moves the content of a larger log to a file that only its owner can read', () => {
  writeFileSync(log, Buffer.alloc(LOG_MAX_BYTES + 1), { mode: 0o600 });
  rotateLog(log);
  expect([statSync(log).size, statSync(`${log}.1`).size]).toEqual([0, LOG_MAX_BYTES + 1]);
  expect(statSync(`${log}.1`).mode & 0o777).toBe(0o600);
});

it('overwrites the previous log and keeps the file that the server has open', () => {
  writeFileSync(`${log}.1`, 'previous');
  writeFileSync(log, Buffer.alloc(LOG_MAX_BYTES + 1, 'x'));
  const { ino } = statSync(log);
  rotateLog(log);
  expect(readFileSync(`${log}.1`, 'utf8')[0]).toBe('x');
  expect(statSync(log).ino).toBe(ino);
});

it.runIf(process.platform === 'linux')('deletes the content of a log when the disk has no space for a copy', () => {
  symlinkSync('/dev/full', `${log}.1`);
  writeFileSync(log, Buffer.alloc(LOG_MAX_BYTES + 1));
  rotateLog(log);
  expect([statSync(log).size, existsSync(`${log}.1`)]).toEqual([0, false]);
});

it('does nothing without a log', () => {
  rotateLog(log);
  expect([existsSync(log), existsSync(`${log}.1`)]).toEqual([false, false]);
});

it('opens a log for appending, readable only by its owner', () => {
  for (const text of ['one ', 'two']) {
    const descriptor = openLog(log);
    writeSync(descriptor, text);
    closeSync(descriptor);
  }
  expect(readFileSync(log, 'utf8')).toBe('one two');
  expect(statSync(log).mode & 0o777).toBe(0o600);
});
