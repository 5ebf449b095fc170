import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { completePackage, locatePostgres } from './postgres-binaries.ts';
import { useTraversableFolder } from './traversable-folder.test-support.ts';

const folder = useTraversableFolder();

describe('the PostgreSQL package', () => {
  it('finds PostgreSQL 18 for this platform', () => {
    const { directory, major } = locatePostgres();
    expect(major).toBe('18');
    expect(existsSync(join(directory, 'bin', 'postgres'))).toBe(true);
  });

  it('rejects a platform without a PostgreSQL package', () => {
    expect(() => locatePostgres('sunos-sparc')).toThrow(
      'No PostgreSQL is installed for this platform (sunos-sparc). Run npm install, or set DATABASE_URL to your own server.',
    );
  });

  it('restores the links and permissions that a package archive loses, even when it runs twice', () => {
    folder.make('package/native/lib', 0o755);
    folder.make('package/native/bin', 0o755);
    const at = (path: string) => join(folder.path, 'package', 'native', path);
    for (const program of ['initdb', 'postgres']) writeFileSync(at(`bin/${program}`), '', { mode: 0o644 });
    writeFileSync(at('lib/libpq.so.5.18'), 'library');
    writeFileSync(
      at('pg-symlinks.json'),
      JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]),
    );
    for (let times = 0; times < 2; times += 1) completePackage(join(folder.path, 'package'));
    expect(readFileSync(at('lib/libpq.so.5'), 'utf8')).toBe('library');
    expect(statSync(at('bin/postgres')).mode & 0o111).toBe(0o111);
  });

  it('reports a PostgreSQL package whose folder is not writable', () => {
    folder.make('package/native/bin', 0o755);
    const broken = join(folder.path, 'package');
    const message = `The PostgreSQL package cannot be completed, because its folder cannot be written: ${broken} (ENOENT).`;
    expect(() => completePackage(broken)).toThrow(
      expect.objectContaining({ exitCode: 1, message: expect.stringContaining(message) }),
    );
  });
});
