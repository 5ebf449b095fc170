/** What a command works with, so that a test can hand it something else. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  /** Of the repository. */
  readonly rootDirectory: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** The lines of `prodigon help <name>`, without its name and summary. */
  readonly usage: string;
  /** Returns the exit code. Throws a `UsageError`, a `StackError` or an `AppError` for what one sentence explains. */
  run(args: string[], context: CommandContext): Promise<number>;
}

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
