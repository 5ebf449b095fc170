import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFileStore } from './file-store.ts';

async function setUp() {
  const directory = await mkdtemp(join(tmpdir(), 'prodigon-files-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return { directory, store: createFileStore(directory) };
}
const SHA256 = 'ab'.repeat(32);
const bytes = Buffer.from('content');
const NOT_FOUND = expect.objectContaining({ code: 'NOT_FOUND' });

describe('file store', () => {
  it('stores a file once for each owner, readable only by the user of the process', async () => {
    const { directory, store } = await setUp();
    await store.write('../ada', SHA256, bytes);
    await store.write('../ada', SHA256, bytes);
    expect(Buffer.from(await store.read('../ada', SHA256))).toEqual(bytes);
    const [folder = '', ...others] = await readdir(directory);
    expect(others).toEqual([]);
    expect(await readdir(join(directory, folder))).toEqual([SHA256]);
    expect((await stat(join(directory, folder))).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, folder, SHA256))).mode & 0o777).toBe(0o600);
  });

  it('does not find a file of another owner, nor one that was removed', async () => {
    const { store } = await setUp();
    await store.write('ada', SHA256, bytes);
    await expect(store.read('bob', SHA256)).rejects.toEqual(NOT_FOUND);
    await store.remove('bob', SHA256);
    await store.read('ada', SHA256);
    await store.remove('ada', SHA256);
    await store.remove('ada', SHA256);
    await expect(store.read('ada', SHA256)).rejects.toEqual(NOT_FOUND);
  });

  it('rejects a name that is not a hash', async () => {
    const { store } = await setUp();
    await expect(store.read('ada', '../../etc/passwd')).rejects.toEqual(NOT_FOUND);
  });

  it('replaces a file whose length is wrong', async () => {
    const { store } = await setUp();
    await store.write('ada', SHA256, Buffer.from('cut'));
    await store.write('ada', SHA256, bytes);
    expect(Buffer.from(await store.read('ada', SHA256))).toEqual(bytes);
  });
});
