import { fileURLToPath } from 'node:url';
import { VERSION } from '@prodigon/stack';
import { type Command, type CommandContext, UsageError } from './command.ts';
import { backupCommand } from './commands/backup.ts';
import { chatCommand } from './commands/chat.ts';
import { configCommand } from './commands/config.ts';
import { healthCommand } from './commands/health.ts';
import { jobsCommand } from './commands/jobs.ts';
import { migrateCommand } from './commands/migrate.ts';
import { modelsCommand } from './commands/models.ts';
import { resetCommand } from './commands/reset.ts';
import { restoreCommand } from './commands/restore.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { usageCommand } from './commands/usage.ts';
import { explainError } from './explain-error.ts';
import { createTerminalOutput } from './terminal-text.ts';

const COMMANDS: readonly Command[] = [
  startCommand,
  stopCommand,
  statusCommand,
  healthCommand,
  configCommand,
  chatCommand,
  modelsCommand,
  usageCommand,
  jobsCommand,
  migrateCommand,
  backupCommand,
  restoreCommand,
  resetCommand,
];

/** Runs one command line of this process, e.g. `['chat', 'Hi']`, and returns its exit code. Never throws. */
export async function main(args: string[]): Promise<number> {
  const { env, stdin, stdout, stderr } = process;
  const rootDirectory = fileURLToPath(new URL('../../../', import.meta.url));
  // `prodigon chat … | head` closes the pipe early, which is not an error.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  // A message that cannot be written, e.g. on a full disk, must not end the platform.
  stderr.on('error', () => {});
  return runCommandLine(args, { env, rootDirectory, stdin, stdout, stderr });
}

/** Runs one command line in a context and returns its exit code. Explains every error on standard error, and keeps untrusted text from controlling the terminal. */
export async function runCommandLine(args: string[], resources: Omit<CommandContext, 'terminal'>): Promise<number> {
  const { stdout, stderr } = resources;
  const outputs = { stdout: createTerminalOutput(stdout), stderr: createTerminalOutput(stderr), terminal: stderr };
  const context = { ...resources, ...outputs };
  try {
    return await runCommand(args, context);
  } catch (error) {
    const { message, exitCode } = explainError(error);
    context.stderr.write(`${message}\n`);
    return exitCode;
  }
}

async function runCommand([name, ...args]: string[], context: CommandContext): Promise<number> {
  if (name === '--version' || name === '-v') return print(context, `prodigon ${VERSION}`);
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return print(context, help(args[0]));
  const command = findCommand(name);
  const beforeDashes = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined);
  if (beforeDashes.includes('--help') || beforeDashes.includes('-h')) return print(context, helpFor(command));
  return command.run(args, context);
}

function findCommand(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) throw new UsageError(`Unknown command "${name}".`);
  return command;
}

function help(name: string | undefined): string {
  if (name !== undefined) return helpFor(findCommand(name));
  const width = Math.max(...COMMANDS.map((command) => command.name.length)) + 2;
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
  return [
    'prodigon <command>',
    '',
    ...lines,
    '',
    'Run ./prodigon help <command> for details, or ./prodigon --version for the version.',
  ].join('\n');
}

const helpFor = ({ name, summary, usage }: Command) => `prodigon ${name}: ${summary}\n\n${usage}`;

function print({ stdout }: CommandContext, text: string): number {
  stdout.write(`${text}\n`);
  return 0;
}
