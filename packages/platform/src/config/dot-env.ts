import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { findNearest, isMisspelling } from './similar-names.ts';
import { readTextFile } from './text-file.ts';

export interface SettingSources {
  env: NodeJS.ProcessEnv;
  /** Folder of the optional `.env`. Environment variables override it. */
  directory: string;
}

/** Returns the variables of the optional `.env` in a folder. Throws a `TextFileError`. */
export function readDotEnv(directory: string): Record<string, string | undefined> {
  return parseEnv(readDotEnvText(directory));
}

function readDotEnvText(directory: string): string {
  const path = join(directory, '.env');
  return existsSync(path) ? readTextFile(path) : '';
}

const ASSIGNMENT = /^\s*(?:export\s+)?[A-Za-z_][\w.-]*\s*=\s*(.*)$/;

/** Returns a sentence for each line of `.env` that is neither an assignment nor a comment. Node ignores such lines. */
export function findMalformedLines(directory: string): string[] {
  const lines = readDotEnvText(directory).split('\n');
  const problems: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]?.trim() ?? '';
    if (line === '' || line.startsWith('#')) continue;
    const value = ASSIGNMENT.exec(line)?.[1];
    if (value === undefined) problems.push(`.env:${at + 1}: The line is neither NAME=value nor a comment`);
    else at = endOfValue(value, lines, at);
  }
  return problems;
}

/** Returns the position of the last line of a value, which may have several when it is in quotation marks. */
function endOfValue(value: string, lines: readonly string[], at: number): number {
  const [quote = ''] = value;
  if (!['"', "'", '`'].includes(quote) || value.includes(quote, 1)) return at;
  const end = lines.findIndex((line, position) => position > at && line.includes(quote));
  return end === -1 ? at : end;
}

/** Set for the processes of a stack that do not report the warnings of their common configuration. */
export const CONFIGURATION_REPORTED_VARIABLE = 'PRODIGON_CONFIGURATION_REPORTED';

/** Names that other programs use for a setting, and that are not similar to it. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  PORT: 'GATEWAY_PORT',
  OPENAI_API_BASE: 'OPENAI_BASE_URL',
  OPENAI_API_BASE_URL: 'OPENAI_BASE_URL',
  OLLAMA_HOST: 'OLLAMA_BASE_URL',
  DB_URL: 'DATABASE_URL',
  POSTGRES_URL: 'DATABASE_URL',
  MODEL: 'DEFAULT_MODEL',
  MODEL_NAME: 'DEFAULT_MODEL',
  CORS_ORIGINS: 'ALLOWED_ORIGINS',
};
const FILE_SUFFIX = /_FILE$/;

export interface UnknownVariables {
  /** Sentences about misspelled settings in `.env`, which would have no effect. */
  readonly problems: readonly string[];
  /** Sentences about other unknown variables of `.env`, and about misspelled settings in the environment. */
  readonly warnings: readonly string[];
}

/** Finds variables that are not in `known`. The sentences contain no values. */
export function findUnknownVariables({ env, directory }: SettingSources, known: ReadonlySet<string>): UnknownVariables {
  const isUnknown = (name: string) => !known.has(name) && !known.has(name.replace(FILE_SUFFIX, ''));
  const findMisspelled = (name: string) => [...known].find((candidate) => isMisspelling(name, candidate));
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const name of Object.keys(readDotEnv(directory)).filter(isUnknown)) {
    const misspelled = findMisspelled(name);
    const nearest = misspelled ?? OTHER_NAMES[name.toUpperCase()] ?? findNearest(name, known);
    (misspelled ? problems : warnings).push(describeUnknown('.env', name, nearest));
  }
  // The environment has many variables of other programs.
  for (const name of Object.keys(env).filter(isUnknown)) {
    const misspelled = findMisspelled(name);
    if (misspelled) warnings.push(describeUnknown('The environment', name, misspelled));
  }
  return { problems, warnings };
}

const describeUnknown = (source: string, name: string, nearest: string | undefined) =>
  `${source} sets ${name}, which Prodigon does not know${nearest ? `. Did you mean ${nearest}?` : ''}`;
