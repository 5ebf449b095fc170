import { createInterface } from 'node:readline/promises';
import type { CommandContext } from './command.ts';
import { toTerminalText } from './terminal-text.ts';

/** Asks for confirmation at the terminal. Returns true without one, because the command line then counts as confirmation. */
export async function confirm(question: string, { stdin, stderr, terminal: output }: CommandContext): Promise<boolean> {
  if (!stdin.isTTY || !stderr.isTTY) return true;
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
