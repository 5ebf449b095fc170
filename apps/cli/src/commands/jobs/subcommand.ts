import type { CommandContext } from '../../command.ts';

export interface JobsSubcommand {
  readonly name: string;
  /** e.g. `<id>` */
  readonly parameters: string;
  readonly summary: string;
  /** Its options as rows of name and meaning. */
  readonly options: readonly (readonly [string, string])[];
  /** Returns the exit code and throws what a command throws. */
  run(args: string[], context: CommandContext): Promise<number>;
}
