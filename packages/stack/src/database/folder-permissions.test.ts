import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canTraverse } from './folder-permissions.ts';
import { STRANGER, useTraversableFolder } from './traversable-folder.test-support.ts';

const folder = useTraversableFolder();

describe('canTraverse', () => {
  it('checks the owner, group and other permissions of a folder and all of its parents', () => {
    const inner = folder.make('outer/inner', 0o701);
    expect(canTraverse(inner, STRANGER)).toBe(true);
    chmodSync(inner, 0o770);
    expect(canTraverse(inner, STRANGER)).toBe(false);
    const { uid, gid } = statSync(inner);
    expect(canTraverse(inner, { uid: STRANGER.uid, gid })).toBe(true);
    chmodSync(inner, 0o077);
    // The permissions of others do not apply to the owner.
    expect(canTraverse(inner, { uid, gid })).toBe(false);
    chmodSync(inner, 0o755);
    chmodSync(join(folder.path, 'outer'), 0o750);
    expect(canTraverse(inner, STRANGER)).toBe(false);
    chmodSync(inner, 0o755);
    expect(canTraverse(join(folder.path, 'none'), STRANGER)).toBe(false);
  });
});
