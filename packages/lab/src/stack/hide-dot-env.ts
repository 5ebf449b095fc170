import { readDotEnv, SETTINGS } from '@prodigon/platform/configuration';

const FILE_SUFFIX = '_FILE';
const NOTHING = '/dev/null';

/** Returns variables that override each entry of `.env` in `directory` as empty. Local keys and settings must not affect a measurement. */
export function hideDotEnv(directory: string): Record<string, string> {
  const names = Object.keys(readDotEnv(directory));
  return Object.fromEntries(names.map((name) => [isFileVariable(name) ? name : `${name}${FILE_SUFFIX}`, NOTHING]));
}

/** Whether the variable names a file that contains the value of another variable. */
const isFileVariable = (name: string) => name.endsWith(FILE_SUFFIX) && !(name in SETTINGS);
