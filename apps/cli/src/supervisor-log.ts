import type { StackEvent } from '@prodigon/stack';
import type { CommandContext } from './command.ts';

export interface SupervisorLog {
  /** Writes a message of one or several lines to standard output. */
  announce(text: string): void;
  /** Writes a message to standard error. */
  report(message: string, type?: StackEvent['type']): void;
}

/** The levels of pino, which the services use. */
const LEVELS = { info: 30, warn: 40 };
const WARNINGS: ReadonlySet<StackEvent['type'] | undefined> = new Set(['crashed', 'orphan', 'killed', 'unrecorded']);

/** Creates a log in the format of the services, which share its output: JSON lines unless standard output is a terminal. */
export function createSupervisorLog(
  { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
  now = () => new Date(),
): SupervisorLog {
  if (stdout.isTTY)
    return {
      announce: (text) => void stdout.write(`\n${text}\n\n`),
      report: (message) => void stderr.write(`${message}\n`),
    };
  const toLine = (msg: string, level: number) =>
    `${JSON.stringify({ level, time: now().toISOString(), service: 'supervisor', pid: process.pid, msg })}\n`;
  return {
    announce: (text) => {
      for (const line of text.split('\n')) stdout.write(toLine(line.trim(), LEVELS.info));
    },
    report: (message, type) => void stderr.write(toLine(message, WARNINGS.has(type) ? LEVELS.warn : LEVELS.info)),
  };
}
