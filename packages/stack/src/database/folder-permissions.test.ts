import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canTraverse } from './folder-permissions.ts';

/** A user that owns none of the test's files. */
const STRANGER = { uid: 54_321, gid: 54_321 };
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'prodigon-traverse-')));
  chmodSync(folder, 0o711);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function make(path: string, mode: number): string {
  const made = join(folder, path);
  mkdirSync(made, { recursive: true });
  chmodSync(made, mode);
  return made;
}

describe('canTraverse', () => {
  it('checks the owner, group and other permissions of a folder and all of its parents', () => {
    const inner = make('outer/inner', 0o701);
    expect(canTraverse(inner, STRANGER)).toBe(true);
    chmodSync(inner, 0o770);
    expect(canTraverse(inner, STRANGER)).toBe(false);
    const { uid, gid } = statSync(inner);
    expect(canTraverse(inner, { uid: STRANGER.uid, gid })).toBe(true);
    chmodSync(inner, 0o077);
    // The permissions of others do not apply to the owner.
    expect(canTraverse(inner, { uid, gid })).toBe(false);
    chmodSync(inner, 0o755);
    chmodSync(join(folder, 'outer'), 0o750);
    expect(canTraverse(inner, STRANGER)).toBe(false);
    chmodSync(inner, 0o755);
    expect(canTraverse(join(folder, 'none'), STRANGER)).toBe(false);
  });
});
