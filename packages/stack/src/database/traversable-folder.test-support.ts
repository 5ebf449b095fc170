import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** A user that owns none of the test's files. */
export const STRANGER = { uid: 54_321, gid: 54_321 };

/** Creates a temporary folder for each test of a file. All users can traverse it. */
export function useTraversableFolder() {
  let path: string;
  beforeEach(() => {
    path = realpathSync(mkdtempSync(join(tmpdir(), 'prodigon-traversable-')));
    chmodSync(path, 0o711);
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  return {
    get path() {
      return path;
    },
    /** Creates a folder and its parents below the temporary folder. Returns its absolute path. */
    make(relativePath: string, mode: number): string {
      const made = join(path, relativePath);
      mkdirSync(made, { recursive: true });
      chmodSync(made, mode);
      return made;
    },
  };
}
