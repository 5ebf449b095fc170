import { fileURLToPath } from 'node:url';
import { setProcessName, VERSION } from '@prodigon/stack';
import { type CommandContext, defineCommandGroup } from './command.ts';
import { backupCommand } from './commands/backup.ts';
import { chatCommand } from './commands/chat.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { healthCommand } from './commands/health.ts';
import { jobsCommand } from './commands/jobs.ts';
import { keysCommand } from './commands/keys.ts';
import { labCommand } from './commands/lab.ts';
import { migrateCommand } from './commands/migrate.ts';
import { modelsCommand } from './commands/models.ts';
import { resetCommand } from './commands/reset.ts';
import { restoreCommand } from './commands/restore.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { usageCommand } from './commands/usage.ts';
import { COMPLETE, completeArguments, findCommand } from './complete-arguments.ts';
import { explainError } from './explain-error.ts';
import { describeCommand } from './help.ts';
import { createTerminalOutput } from './terminal-text.ts';

export const PRODIGON = defineCommandGroup('', {
  name: 'prodigon',
  summary: 'run and use the platform',
  subcommands: [
    startCommand,
    stopCommand,
    statusCommand,
    healthCommand,
    configCommand,
    chatCommand,
    modelsCommand,
    usageCommand,
    jobsCommand,
    keysCommand,
    labCommand,
    migrateCommand,
    backupCommand,
    restoreCommand,
    resetCommand,
    completionCommand,
  ],
  notes: ['./prodigon --version prints the version.'],
});

/** Runs one command line of this process, e.g. `['chat', 'Hi']`, and returns its exit code. Never throws. */
export async function main(args: string[]): Promise<number> {
  setProcessName('prodigon');
  const { env, stdin, stdout, stderr } = process;
  const rootDirectory = fileURLToPath(new URL('../../../', import.meta.url));
  // `prodigon chat … | head` closes the pipe early, which is not an error.
  stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') stderr.write(`Standard output cannot be written (${code}).\n`);
    process.exit(code === 'EPIPE' ? 0 : 1);
  });
  // A message that cannot be written, e.g. on a full disk, must not end the platform.
  stderr.on('error', () => {});
  return runCommandLine(args, { env, rootDirectory, stdin, stdout, stderr });
}

/** Runs one command line in a context and returns its exit code. Explains every error on standard error, and keeps untrusted text from controlling the terminal. */
export async function runCommandLine(args: string[], resources: Omit<CommandContext, 'terminal'>): Promise<number> {
  const { stdout, stderr } = resources;
  const outputs = { stdout: createTerminalOutput(stdout), stderr: createTerminalOutput(stderr), terminal: stderr };
  const context = { ...resources, ...outputs };
  const isHelp = args.length === 0 || args[0] === 'help';
  const { command, path, rest } = findCommand(PRODIGON, isHelp ? args.slice(1) : args);
  try {
    if (args[0] === '--version' || args[0] === '-v') return print(context, `prodigon ${VERSION}`);
    if (args[0] === COMPLETE) return print(context, (await completeArguments(PRODIGON, args.slice(1), context)).join('\n'));
    const isFound = rest.length === 0 || command.subcommands === undefined;
    if (isHelp ? isFound : asksForHelp(rest)) return print(context, describeCommand(path, command));
    return await command.run(rest, context);
  } catch (error) {
    const { message, exitCode } = explainError(error, { path, errorExitCode: command.errorExitCode, env: context.env });
    context.stderr.write(`${message}\n`);
    return exitCode;
  }
}

function asksForHelp(args: readonly string[]): boolean {
  const beforeDashes = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined);
  return beforeDashes.includes('--help') || beforeDashes.includes('-h');
}

function print({ stdout }: CommandContext, text: string): number {
  stdout.write(`${text}\n`);
  return 0;
}
