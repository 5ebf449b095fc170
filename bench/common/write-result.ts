import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { REPOSITORY_ROOT } from '@prodigon/platform/configuration';
import { isWhole, type PartOptions } from './part-options.ts';

const FOLDER = join(REPOSITORY_ROOT, 'bench/results');

/** Keeps the last run of a part, to be committed with what is said about it. */
export function writeResult(part: string, result: object): void {
  write(`${part}.json`, `${JSON.stringify(result, null, 2)}\n`);
}

/** As `writeResult`, with a plot, the text of an SVG; but nothing of a run that was only tried out. */
export function keepResult(part: string, result: object, options: PartOptions, plot: string): void {
  if (!isWhole(options)) {
    process.stdout.write('Tried out only: nothing is written.\n');
    return;
  }
  writeResult(part, result);
  write(`${part}.svg`, plot);
}

function write(name: string, text: string): void {
  const path = join(FOLDER, name);
  writeFileSync(path, text);
  process.stdout.write(`Written to ${relative(REPOSITORY_ROOT, path)}\n`);
}
