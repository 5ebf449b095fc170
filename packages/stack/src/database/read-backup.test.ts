import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { BackupHeader } from './backup-format.ts';
import { readBackup, verifyBackup } from './read-backup.ts';

const HEADER: BackupHeader = {
  format: 'prodigon-backup',
  format_version: 1,
  has_key_hashes: false,
  platform_version: '0.2.0',
  created_at: '2026-03-02T09:15:00.000Z',
  migrations: ['0001-batch-jobs'],
  tables: [
    { schema: 'worker', name: 'jobs', columns: ['id', 'name'] },
    { schema: 'worker', name: 'job_items', columns: ['id'] },
  ],
  sequences: [],
};
const JOBS = '1\tone\n2\ttwo\n\\.\n{"rows":2}\n';
const ITEMS = '\\.\n{"rows":0}\n';
const COMPLETE = `${JSON.stringify(HEADER)}\n${JOBS}${ITEMS}{"complete":true}\n`;

let path: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-backup-'));
  path = join(folder, 'backup.gz');
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const write = (text: string) => writeFileSync(path, gzipSync(text));
const damaged = () => ({ name: 'StackError', message: `${path} is damaged or incomplete. Nothing has been changed.` });

describe('readBackup', () => {
  it('returns the header, and passes each table with its rows and their recorded number', async () => {
    write(COMPLETE);
    const seen: unknown[] = [];
    const header = await readBackup(path, async ({ table, rows, count }) => {
      let text = '';
      for await (const chunk of rows()) text += chunk;
      seen.push([table.name, text, await count()]);
    });
    expect(header).toEqual(HEADER);
    expect(seen).toEqual([
      ['jobs', '1\tone\n2\ttwo\n', 2],
      ['job_items', '', 0],
    ]);
  });

  it('closes the file when the caller rejects a table', async () => {
    write(COMPLETE);
    const read = readBackup(path, async () => Promise.reject(new Error('enough')));
    await expect(read).rejects.toThrow('enough');
  });
});

describe('verifyBackup', () => {
  it('returns the header of a complete backup', async () => {
    write(COMPLETE);
    expect(await verifyBackup(path)).toEqual(HEADER);
  });

  it.each<[string, (text: string) => string]>([
    ['a table has fewer rows than recorded', (text) => text.replace('2\ttwo\n', '')],
    ['a table has more rows than recorded', (text) => text.replace('2\ttwo\n', '2\ttwo\n3\tthree\n')],
    ['a table has no number of rows', (text) => text.replace('{"rows":2}', '{"rows":-2}')],
    ['the line with the number of rows is no JSON', (text) => text.replace('{"rows":2}', 'two')],
    ['it ends after the rows of a table', (text) => text.slice(0, text.indexOf('{"rows":2}'))],
    ['a table is missing', (text) => text.replace(ITEMS, '')],
    ['its last line is missing', (text) => text.replace('{"complete":true}\n', '')],
    ['its last line is different', (text) => text.replace('{"complete":true}', '{"complete":false}')],
    ['it continues after its last line', (text) => `${text}more\n`],
    ['it continues after its last line without a newline', (text) => `${text}more`],
  ])('rejects a backup when %s', async (_what, change) => {
    write(change(COMPLETE));
    await expect(verifyBackup(path)).rejects.toMatchObject(damaged());
  });

  it('rejects a truncated gzip file', async () => {
    writeFileSync(path, gzipSync(COMPLETE).subarray(0, -12));
    await expect(verifyBackup(path)).rejects.toMatchObject(damaged());
  });

  it.each([
    ['is empty', ''],
    ['has another format', COMPLETE.replace('prodigon-backup', 'another')],
    ['has a later format version', COMPLETE.replace('"format_version":1', '"format_version":2')],
    ['begins with text', 'hello\n'],
  ])('rejects a file that %s as no backup', async (_what, text) => {
    write(text);
    const message = `${path} is not a backup that this version of Prodigon can read. Nothing has been changed.`;
    await expect(verifyBackup(path)).rejects.toMatchObject({ name: 'StackError', message });
  });

  it('rejects a file that is not compressed as no backup', async () => {
    writeFileSync(path, COMPLETE);
    await expect(verifyBackup(path)).rejects.toThrow('is not a backup that this version');
  });

  it('reports a missing file, and an unreadable one with the code of the error', async () => {
    const message = `${path}.none does not exist.`;
    await expect(verifyBackup(`${path}.none`)).rejects.toMatchObject({ message, exitCode: 1 });
    await expect(verifyBackup(dirname(path))).rejects.toThrow('cannot be read (EISDIR).');
  });
});
