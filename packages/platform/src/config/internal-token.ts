import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataDirectory } from './data-directory.ts';

/**
 * What our services show each other: the configured token, else one that the first process of this data
 * folder makes and the others read, so that services started one by one find each other.
 */
export function resolveInternalToken(configured: string | undefined, dataDirectory: string): string {
  if (configured !== undefined) return configured;
  const path = join(dataDirectory, 'internal-token');
  createDataDirectory(dataDirectory);
  try {
    // `wx` fails when the file is there, so two processes that start at once agree on one token.
    writeFileSync(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
