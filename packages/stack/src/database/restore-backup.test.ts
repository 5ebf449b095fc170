import { expect, it } from 'vitest';
import { assertSameMigrations } from './restore-backup.ts';

const KNOWN = ['0001-batch-jobs', '0002-usage'];
const check =
  (...migrations: string[]) =>
  () =>
    assertSameMigrations({ migrations, platform_version: '0.3.0' }, KNOWN, 'a.gz');

it('accepts a backup with the migrations of this version', () => {
  expect(check(...KNOWN)).not.toThrow();
});

it('rejects a backup of a later version', () => {
  expect(check(...KNOWN, '0003-later')).toThrow(
    'a.gz was written by a later Prodigon (0.3.0). Restore it with that version. Nothing has been changed.',
  );
});

it('rejects a backup of an earlier version', () => {
  expect(check('0001-batch-jobs')).toThrow('a.gz was written by an earlier Prodigon (0.3.0) with different tables.');
});
