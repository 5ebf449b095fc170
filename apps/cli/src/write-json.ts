import type { CommandContext } from './command.ts';

/** Prints a value as JSON. Returns the exit code 0. */
export function writeJson(value: unknown, { stdout }: Pick<CommandContext, 'stdout'>): number {
  stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  return 0;
}
