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

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** The lines of `./prodigon help <name>`, without its name and summary. */
  readonly usage: string;
  /** Returns the exit code. Throws a `UsageError`, a `StackError` or an `AppError` with a message for the user. */
  run(args: string[], context: CommandContext): Promise<number>;
}

/** Reports an invalid command line, which ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
