import type { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { AppError } from '@prodigon/contracts';
import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { createDatabase, databaseError } from './create-database.ts';
import { createDiskCheck } from './disk-space.ts';

const withFreeBlocks = (bavail: number) => (() => ({ bavail, bsize: 4_096 })) as unknown as typeof statfsSync;

it.each([
  [0, true],
  [4_095, true],
  [4_096, false],
])('reports whether %i free blocks are too few for the log of PostgreSQL', (blocks, isFull) => {
  expect(createDiskCheck({ DATA_DIR: tmpdir() }, withFreeBlocks(blocks))()).toBe(isFull);
});

it('reports a missing folder as not full', () => {
  expect(createDiskCheck({ DATA_DIR: '/nowhere' })()).toBe(false);
});

it.each([
  ['INSUFFICIENT_STORAGE', true],
  ['SERVICE_UNAVAILABLE', false],
])('returns %s for an unreachable database when the full disk is %s', async (code, isFull) => {
  const { db, close } = createDatabase({ url: 'postgresql://127.0.0.1:9/prodigon', isDiskFull: () => isFull });
  onTestFinished(close);
  const thrown: unknown = await sql`select 1`.execute(db).catch((error: unknown) => error);
  const failure = databaseError(thrown);
  expect(failure).toBeInstanceOf(AppError);
  expect(failure).toMatchObject({ code, cause: { code: 'ECONNREFUSED' } });
});
