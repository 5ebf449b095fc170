import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { SETTINGS } from '@prodigon/platform/configuration';

const FILE_SUFFIX = '_FILE';
const NOTHING = '/dev/null';

/** Variables that make each one of the folder's `.env` empty, so that neither keys nor settings of whoever measures get into a measurement. */
export function hideDotEnv(directory: string): Record<string, string> {
  const path = join(directory, '.env');
  const names = existsSync(path) ? Object.keys(parseEnv(readFileSync(path, 'utf8'))) : [];
  return Object.fromEntries(names.map((name) => [isFileVariable(name) ? name : `${name}${FILE_SUFFIX}`, NOTHING]));
}

/** Whether it names the file that holds another variable. */
const isFileVariable = (name: string) => name.endsWith(FILE_SUFFIX) && !(name in SETTINGS);
