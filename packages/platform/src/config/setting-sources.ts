import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

export interface SourceOptions {
  env: NodeJS.ProcessEnv;
  /** Folder whose `.env` is read when it is there; variables of `env` win over it. */
  directory: string;
}

/** The text of a variable, from the environment, `.env`, or the file that `NAME_FILE` names; undefined when it is empty or missing. */
export type ReadSetting = (name: string) => string | undefined;

/** Files that cannot be read are noted in `problems`. */
export function createSettingReader({ env, directory }: SourceOptions, problems: string[]): ReadSetting {
  // A file that the environment names wins over a value in `.env`: the environment is nearer to who starts us.
  const sources = [withoutEmpty(env), readDotEnv(directory)];
  return (name) => {
    const source = sources.find((each) => each[name] ?? each[`${name}_FILE`]);
    return source?.[name] ?? readFromFile(name, source?.[`${name}_FILE`], problems);
  };
}

function readDotEnv(directory: string): Record<string, string | undefined> {
  const path = join(directory, '.env');
  return existsSync(path) ? withoutEmpty(parseEnv(readFileSync(path, 'utf8'))) : {};
}

function withoutEmpty(env: NodeJS.ProcessEnv | Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
}

function readFromFile(name: string, path: string | undefined, problems: string[]): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    problems.push(`${name}_FILE names a file that cannot be read: ${path}`);
    return undefined;
  }
}
