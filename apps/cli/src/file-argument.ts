import { resolve } from 'node:path';
import { UsageError } from './command.ts';

/** The one file that a command takes, as an absolute path. */
export function fileArgument(positionals: readonly string[], command: string): string {
  const [file, ...more] = positionals;
  if (!file || more.length > 0) throw new UsageError(`prodigon ${command} takes one file.`);
  return resolve(file);
}
