import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type BackupReader, createBackupReader } from './backup-reader.ts';

const LINE_MAX_BYTES = 1024 * 1024;
let path: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-reader-'));
  path = join(folder, 'backup.gz');
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

/** Creates a reader of a backup. Each part is a gzip member of its own. */
function open(...parts: (string | Buffer)[]): BackupReader {
  writeFileSync(path, Buffer.concat(parts.map((part) => gzipSync(part))));
  const reader = createBackupReader(path);
  onTestFinished(() => reader.close());
  return reader;
}

async function readTable(reader: BackupReader): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of reader.readRows()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('readLine', () => {
  it('returns each line without its newline, then null', async () => {
    const reader = open('one\n\nthr', 'ee\n');
    expect([await reader.readLine(), await reader.readLine(), await reader.readLine()]).toEqual(['one', '', 'three']);
    expect([await reader.readLine(), await reader.readLine()]).toEqual([null, null]);
  });

  it('rejects when the last line has no newline', async () => {
    await expect(open('one').readLine()).rejects.toThrow('The last line has no newline');
  });

  it('reads a line of 1 MiB', async () => {
    const line = 'x'.repeat(LINE_MAX_BYTES);
    expect(await open(`${line}\n`).readLine()).toBe(line);
  });

  it('rejects a line that exceeds 1 MiB by more than a chunk', async () => {
    const error = await open(Buffer.alloc(2 * LINE_MAX_BYTES), '\n')
      .readLine()
      .catch((each: Error) => each.message);
    expect(error).toBe('A line is too long');
  });

  it('rejects when the file does not exist', async () => {
    await expect(createBackupReader(`${path}.none`).readLine()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('rejects when the file is no gzip file', async () => {
    writeFileSync(path, 'plain text\n');
    await expect(createBackupReader(path).readLine()).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
  });

  it('rejects after the reader is closed', async () => {
    const reader = open('one\n');
    reader.close();
    await expect(reader.readLine()).rejects.toThrow();
  });
});

describe('readRows', () => {
  it('yields the rows up to the end marker and leaves the following line', async () => {
    const reader = open('1\tone\n2\ttwo\n\\.\n{"rows":2}\n');
    expect(await readTable(reader)).toBe('1\tone\n2\ttwo\n');
    expect(await reader.readLine()).toBe('{"rows":2}');
  });

  it('yields nothing for an empty table', async () => {
    const reader = open('\\.\n{"rows":0}\n');
    expect(await readTable(reader)).toBe('');
    expect(await reader.readLine()).toBe('{"rows":0}');
  });

  it('finds the end marker only at the start of a line', async () => {
    const rows = 'a\\.\nb\\.\n\\.c\n\\N\n';
    const reader = open(`${rows}\\.\nrest\n`);
    expect(await readTable(reader)).toBe(rows);
    expect(await reader.readLine()).toBe('rest');
  });

  it('finds the end marker at every chunk boundary', async () => {
    const rows = 'a\\.\nlonger row\n';
    const text = `${rows}\\.\nrest\n`;
    for (let cut = 0; cut <= text.length; cut += 1) {
      const reader = open(text.slice(0, cut), text.slice(cut));
      expect(await readTable(reader), `cut at ${cut}`).toBe(rows);
      expect(await reader.readLine(), `cut at ${cut}`).toBe('rest');
    }
  });

  it('reads rows that arrive byte by byte', async () => {
    const rows = 'a\\.\n\\.b\n';
    const reader = open(...`${rows}\\.\nrest\n`);
    expect(await readTable(reader)).toBe(rows);
    expect(await reader.readLine()).toBe('rest');
  });

  it('yields a row of any length in chunks', async () => {
    const row = `${'x'.repeat(3 * LINE_MAX_BYTES)}\n`;
    expect((await readTable(open(`${row}\\.\n`))) === row).toBe(true);
  });

  it('yields the start of a row before the rest of it has arrived', async () => {
    const rows = open(Buffer.alloc(LINE_MAX_BYTES), '\n\\.\n').readRows();
    const { value: first } = await rows.next();
    expect(first?.length).toBeGreaterThan(0);
    expect(first?.length).toBeLessThan(LINE_MAX_BYTES);
  });

  it.each(['', '1\tone\n', '1\tone\n\\.'])('rejects when the end marker is missing after "%s"', async (text) => {
    await expect(readTable(open(text))).rejects.toThrow('The rows have no end marker');
  });
});
