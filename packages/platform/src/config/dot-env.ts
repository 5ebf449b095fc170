import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { readTextFile } from './text-file.ts';

/** Returns the variables of the optional `.env` in a folder. Throws a `TextFileError`. */
export function readDotEnv(directory: string): Record<string, string | undefined> {
  const path = join(directory, '.env');
  return existsSync(path) ? parseEnv(readTextFile(path)) : {};
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

/** Returns a sentence for each variable of `.env` that is not in `known`. It names the most similar known one, but no values. */
export function describeUnknownVariables(directory: string, known: ReadonlySet<string>): string[] {
  const isKnown = (name: string) => known.has(name) || known.has(name.replace(FILE_SUFFIX, ''));
  return Object.keys(readDotEnv(directory))
    .filter((name) => !isKnown(name))
    .map((name) => {
      const nearest = OTHER_NAMES[name.toUpperCase()] ?? findNearest(name, known);
      return `.env sets ${name}, which Prodigon does not know${nearest ? `. Did you mean ${nearest}?` : ''}`;
    });
}

const SIMILARITY_MIN = 0.55;

function findNearest(name: string, known: ReadonlySet<string>): string | undefined {
  let nearest: string | undefined;
  let best = SIMILARITY_MIN;
  for (const candidate of known) {
    const similarity = similarityOf(name.toUpperCase(), candidate);
    if (similarity <= best) continue;
    nearest = candidate;
    best = similarity;
  }
  return nearest;
}

/** The share of common letter pairs, 0 to 1 (Dice coefficient). Unlike an edit distance, it tolerates a missing word. */
function similarityOf(one: string, other: string): number {
  const [pairs, otherPairs] = [letterPairs(one), letterPairs(other)];
  const common = [...pairs].filter((pair) => otherPairs.has(pair)).length;
  return (2 * common) / (pairs.size + otherPairs.size || 1);
}

const letterPairs = (text: string) =>
  new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)));
