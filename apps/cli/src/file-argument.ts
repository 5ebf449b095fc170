import { resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/** Returns the only argument of a command as an absolute path, or `-`. Throws a `UsageError` unless there is exactly one. */
export function fileArgument(positionals: readonly string[], command: string): string {
  const [file, ...more] = positionals;
  if (!file || more.length > 0) throw new UsageError(`prodigon ${command} takes one file.`);
  return file === '-' ? file : resolve(file);
}
