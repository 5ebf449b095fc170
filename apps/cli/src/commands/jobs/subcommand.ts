import type { CommandContext } from '../../command.ts';

export interface JobsSubcommand {
  readonly name: string;
  /** E.g. `<id>`. */
  readonly parameters: string;
  readonly summary: string;
  /** Rows of option and meaning. */
  readonly options: readonly (readonly [string, string])[];
  /** Returns the exit code. Throws the errors of `Command.run`. */
  run(args: string[], context: CommandContext): Promise<number>;
}
