import { createInterface } from 'node:readline/promises';
import type { CommandContext } from './command.ts';

/** Asks whoever sits at the terminal. Where nobody does, the command line alone is the answer. */
export async function confirm(question: string, { stdin, stderr }: CommandContext): Promise<boolean> {
  if (!stdin.isTTY || !stderr.isTTY) return true;
  const terminal = createInterface({ input: stdin, output: stderr });
  // Ctrl-C and Ctrl-D close it, which alone would leave the question open for ever.
  const closing = new AbortController();
  terminal.once('close', () => closing.abort());
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal: closing.signal })).trim());
  } catch {
    stderr.write('\n');
    return false;
  } finally {
    terminal.close();
  }
}
