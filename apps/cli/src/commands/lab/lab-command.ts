import { type Command, type CommandContext, type CommandDescription, defineCommand } from '../../command.ts';
import type { ParsedArguments } from '../../command-line-arguments.ts';
import { type CommandOptions, URL_OPTION } from '../../command-line-arguments.ts';
import { connectWorkshop, type WorkshopConnection } from './workshop-connection.ts';

/** The exit codes of the lab commands, besides 0 and 2 for an invalid command line. */
export const LAB_EXIT_CODES = { checkFailed: 1, couldNotRun: 3 } as const;

/** Creates a command that calls the runner of the workshop through the gateway. Its errors end with exit code 3. */
export function defineLabCommand<const Options extends CommandOptions>({
  run,
  ...description
}: CommandDescription<Options> & {
  run(
    parsed: ParsedArguments<Options & typeof URL_OPTION>,
    context: CommandContext,
    connection: WorkshopConnection,
  ): Promise<number>;
}): Command {
  return defineCommand({
    ...description,
    options: { ...description.options, ...URL_OPTION },
    errorExitCode: LAB_EXIT_CODES.couldNotRun,
    run(parsed, context) {
      const { url }: { readonly url?: string } = parsed.values;
      return connectWorkshop(context, url, (connection) => run(parsed, context, connection));
    },
  });
}
