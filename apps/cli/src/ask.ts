import { createInterface, type Interface } from 'node:readline/promises';
import type { CommandContext } from './command.ts';
import { toTerminalText } from './terminal-text.ts';

/** Asks a question and returns the typed line, or undefined when the user ends the input with Ctrl-C or Ctrl-D. */
export type Ask = (question: string) => Promise<string | undefined>;

/**
 * Runs `work` with questions at the terminal. Keeps lines that arrive before their question, e.g. pasted ones. `history` has
 * the lines that the arrow keys recall, newest first.
 */
export async function withQuestions<Result>(
  { stdin, stderr, terminal: output }: CommandContext,
  work: (ask: Ask, terminal: Interface) => Promise<Result>,
  { history = [] }: { readonly history?: string[] } = {},
): Promise<Result> {
  const terminal = createInterface({ input: stdin, output, history });
  const lines: string[] = [];
  let isClosed = false;
  let notify = () => {};
  terminal.on('line', (line) => {
    lines.push(line);
    notify();
  });
  terminal.once('close', () => {
    isClosed = true;
    notify();
  });
  async function ask(question: string) {
    terminal.setPrompt(toTerminalText(question));
    if (!isClosed) terminal.prompt(true);
    while (lines.length === 0 && !isClosed)
      await new Promise<void>((resolve) => {
        notify = resolve;
      });
    const line = lines.shift();
    if (line === undefined) stderr.write('\n');
    return line?.trim();
  }
  try {
    return await work(ask, terminal);
  } finally {
    terminal.close();
  }
}
