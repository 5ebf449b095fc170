import { createInterface } from 'node:readline/promises';
import type { CommandContext } from './command.ts';
import type { CommandOptions } from './command-line-arguments.ts';
import { toTerminalText } from './terminal-text.ts';
import { UsageError } from './usage-error.ts';

/** The option of every command that deletes data. */
export const YES_OPTION = {
  yes: { type: 'boolean', default: false, description: 'do not ask for confirmation; required without a terminal' },
} as const satisfies CommandOptions;

export const isInteractive = ({ stdin, stderr }: CommandContext): boolean => stdin.isTTY && stderr.isTTY;

/** Throws a `UsageError` if a deletion has no `--yes` and there is no terminal to confirm it on. */
export function assertConfirmable(isConfirmed: boolean, context: CommandContext): void {
  if (!isConfirmed && !isInteractive(context)) throw new UsageError('Deletion requires --yes without a terminal.');
}

/** Asks for confirmation at the terminal. */
export async function confirm(question: string, { stdin, stderr, terminal: output }: CommandContext): Promise<boolean> {
  const terminal = createInterface({ input: stdin, output });
  // Ctrl-C and Ctrl-D close the interface but leave the question pending, so the abort rejects it.
  const closing = new AbortController();
  terminal.once('close', () => closing.abort());
  try {
    return /^y(es)?$/i.test((await terminal.question(`${toTerminalText(question)} [y/N] `, { signal: closing.signal })).trim());
  } catch {
    stderr.write('\n');
    return false;
  } finally {
    terminal.close();
  }
}
