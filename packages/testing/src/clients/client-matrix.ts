import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The columns of the matrix. */
export const FEATURES = [
  'Chat',
  'Streaming',
  'Tools',
  'Session resume',
  'Structured output',
  'Embeddings',
  'Responses',
  'Models',
  'Errors',
] as const;
export type Feature = (typeof FEATURES)[number];

export interface MatrixRow {
  readonly client: string;
  readonly version: string;
  readonly features: ReadonlySet<Feature>;
}

const README = join(resolve(import.meta.dirname, '../../../..'), 'README.md');
const MATRIX = /(<!-- clients:start -->\n)[\s\S]*?(<!-- clients:end -->)/;

/** Returns the lines of the matrix in README.md by client. */
export function readMatrix(): Map<string, string> {
  const lines = MATRIX.exec(readFileSync(README, 'utf8'))?.[0].matchAll(/^\| (?!Client |-)([^|]+?) \|.*$/gm) ?? [];
  return new Map([...lines].map(([line, client = '']) => [client, line]));
}

/** Writes lines of the matrix to README.md. */
export function writeMatrix(lines: ReadonlyMap<string, string>): void {
  const sorted = [...lines].sort(([one], [other]) => one.toLowerCase().localeCompare(other.toLowerCase()));
  const table = [`| Client | Version | ${FEATURES.join(' | ')} |`, `|${'---|'.repeat(FEATURES.length + 2)}`];
  const text = [...table, ...sorted.map(([, line]) => line)].join('\n');
  writeFileSync(
    README,
    readFileSync(README, 'utf8').replace(MATRIX, (_, start, end) => `${start}\n${text}\n\n${end}`),
  );
}

export const lineOf = ({ client, version, features }: MatrixRow): string =>
  `| ${client} | ${version} | ${FEATURES.map((feature) => (features.has(feature) ? '✓' : '–')).join(' | ')} |`;
