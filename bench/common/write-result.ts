import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { REPOSITORY_ROOT } from '@prodigon/platform/configuration';
import { isReportable, type PartOptions } from './part-options.ts';

const FOLDER = join(REPOSITORY_ROOT, 'bench/results');

/** Writes the result of a part to `bench/results`, which is committed together with its interpretation. */
export function writeResult(part: string, result: object): void {
  write(`${part}.json`, `${JSON.stringify(result, null, 2)}\n`);
}

/** Writes the result of a part and its plot, an SVG document, if there is one. Writes nothing for trial runs. */
export function writeReportableResult(part: string, result: object, options: PartOptions, plot?: string): void {
  if (!isReportable(options)) {
    process.stdout.write('Trial run: nothing is written.\n');
    return;
  }
  writeResult(part, result);
  if (plot) write(`${part}.svg`, plot);
}

function write(name: string, text: string): void {
  const path = join(FOLDER, name);
  writeFileSync(path, text);
  process.stdout.write(`Written to ${relative(REPOSITORY_ROOT, path)}\n`);
}
