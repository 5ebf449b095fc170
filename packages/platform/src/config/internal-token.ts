import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataDirectory } from './data-directory.ts';
import { ConfigurationError } from './load-configuration.ts';

/**
 * What our services show each other: the configured token, else one that the first process of this data
 * folder makes and the others read, so that services started one by one find each other.
 * Throws a `ConfigurationError` when there is none and none can be written.
 */
export function resolveInternalToken(configured: string | undefined, dataDirectory: string): string {
  if (configured !== undefined) return configured;
  const path = join(dataDirectory, 'internal-token');
  try {
    createDataDirectory(dataDirectory);
    writeUnlessThere(path, randomBytes(32).toString('hex'));
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ConfigurationError([
      `The services' token cannot be kept in ${path} (${code}): set DATA_DIR to a folder that can be written, or set INTERNAL_TOKEN`,
    ]);
  }
}

function writeUnlessThere(path: string, text: string): void {
  try {
    // `wx` fails when the file is there, so two processes that start at once agree on one token.
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
