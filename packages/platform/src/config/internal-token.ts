import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataDirectory } from '../repository.ts';
import { ConfigurationError } from './load-configuration.ts';

/**
 * Returns the token that authenticates the services to each other: the configured one, or one that the first process of
 * this data directory generates and the others read. Throws a `ConfigurationError` when no token can be stored.
 */
export function resolveInternalToken(configured: string | undefined, dataDirectory: string): string {
  if (configured !== undefined) return configured;
  const path = tokenPath(dataDirectory);
  try {
    createDataDirectory(dataDirectory);
    writeUnlessExists(path, randomBytes(32).toString('hex'));
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ConfigurationError([
      `The internal token cannot be stored in ${path} (${code}): set DATA_DIR to a writable folder, or set INTERNAL_TOKEN`,
    ]);
  }
}

/** Returns the token of the services with this data directory; undefined when none exists or this user may not read it. */
export function readInternalToken(configured: string | undefined, dataDirectory: string): string | undefined {
  if (configured !== undefined) return configured;
  try {
    return readFileSync(tokenPath(dataDirectory), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

const tokenPath = (dataDirectory: string) => join(dataDirectory, 'internal-token');

function writeUnlessExists(path: string, text: string): void {
  try {
    // `wx` fails when the file exists, so processes that start concurrently agree on one token.
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
