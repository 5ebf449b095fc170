import { type CommandOptions, type ParsedArguments, parseCommandLine } from './command-line-arguments.ts';
import { suggestWord } from './suggest-word.ts';
import { UsageError } from './usage-error.ts';

/** The process resources of a command, which tests can replace. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  /** The root of the repository. */
  readonly rootDirectory: string;
  readonly stdin: NodeJS.ReadStream;
  /** Safe for untrusted text, like `stderr`. */
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Standard error with control sequences. Never write untrusted text to it. */
  readonly terminal: NodeJS.WriteStream;
}

export interface CompletionRequest {
  readonly context: CommandContext;
  /** The arguments before the one to complete. */
  readonly words: readonly string[];
  /** The option whose value is completed; undefined for an argument. */
  readonly option: string | undefined;
}

export interface CommandDescription<Options> {
  readonly name: string;
  readonly summary: string;
  /** The arguments besides options, e.g. `<file>`. A command without `parameters` rejects arguments. */
  readonly parameters?: string;
  /** The arguments that shell completion offers. */
  readonly choices?: readonly string[];
  /** Returns further completions: of the value of `option`, or of an argument. */
  readonly complete?: (request: CompletionRequest) => readonly string[] | Promise<readonly string[]>;
  /** The exit code of errors, besides those of the command line and the configuration; 1 by default. */
  readonly errorExitCode?: number;
  readonly options: Options;
  /** The lines of the help after the options. */
  readonly notes?: readonly string[];
}

export interface Command extends CommandDescription<CommandOptions> {
  /** Without subcommands, `run` executes the command. */
  readonly subcommands?: readonly Command[];
  /** Returns the exit code. Throws a `UsageError`, a `StackError` or an `AppError` with a message for the user. */
  run(args: string[], context: CommandContext): Promise<number>;
}

/** Creates a command whose options determine how it is parsed, its help and its completion. */
export function defineCommand<const Options extends CommandOptions>({
  run,
  ...description
}: CommandDescription<Options> & {
  run(parsed: ParsedArguments<Options>, context: CommandContext): Promise<number>;
}): Command {
  const { options, parameters } = description;
  return { ...description, run: (args, context) => run(parseCommandLine(args, options, parameters !== undefined), context) };
}

/** Creates a command that only has subcommands. `path` is its full name, e.g. `jobs`. */
export function defineCommandGroup(
  path: string,
  description: Pick<Command, 'name' | 'summary' | 'notes'> & { readonly subcommands: readonly Command[] },
): Command {
  const names = description.subcommands.map(({ name }) => name);
  const available = `Available: ${names.join(', ')}.`;
  return {
    ...description,
    parameters: '<command>',
    options: {},
    async run([name]) {
      if (name === undefined) throw new UsageError(`Name a command. ${available}`);
      const hint = suggestWord(name, names) || (path ? ` ${available}` : '');
      throw new UsageError(`Unknown command "${[path, name].filter(Boolean).join(' ')}".${hint}`);
    },
  };
}
