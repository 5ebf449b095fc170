import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { REPOSITORY_ROOT } from '@prodigon/platform';

/** Keeps the last run of a part, to be committed with what is said about it. */
export function writeResult(part: string, result: object): void {
  const path = join(REPOSITORY_ROOT, 'bench/results', `${part}.json`);
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`Written to ${relative(REPOSITORY_ROOT, path)}\n`);
}
