import { withQuestions } from './ask.ts';
import type { CommandContext } from './command.ts';
import type { CommandOptions } from './command-line-arguments.ts';
import { UsageError } from './usage-error.ts';

/** The option of every command that deletes or replaces data. */
export const YES_OPTION = {
  yes: { type: 'boolean', default: false, description: 'do not ask for confirmation; required without a terminal' },
} as const satisfies CommandOptions;

export const isInteractive = ({ stdin, stderr }: CommandContext): boolean => stdin.isTTY && stderr.isTTY;

/** Throws a `UsageError` if the command has no `--yes` and there is no terminal to confirm it on. */
export function assertConfirmable(isConfirmed: boolean, context: CommandContext): void {
  if (!isConfirmed && !isInteractive(context)) throw new UsageError('Without a terminal, this command requires --yes.');
}

/** Asks for confirmation at the terminal. */
export const confirm = (question: string, context: CommandContext): Promise<boolean> =>
  withQuestions(context, async (ask) => /^y(es)?$/i.test((await ask(`${question} [y/N] `)) ?? ''));
