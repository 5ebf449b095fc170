import { parseCommandLine } from '../../command-line-arguments.ts';
import { withGateway } from '../../gateway-connection.ts';
import { findJobId } from './find-job-id.ts';
import type { JobsSubcommand } from './subcommand.ts';
import { watchUntilEnd } from './watch-until-end.ts';

export const watchSubcommand: JobsSubcommand = {
  name: 'watch',
  parameters: '<id>',
  summary: 'show the progress of a job until it ends; Ctrl-C stops only the display',
  options: [],
  async run(args, context) {
    const { values, positionals } = parseCommandLine({ args, allowPositionals: true, options: { url: { type: 'string' } } });
    return withGateway(context, values.url, async (client) => {
      const job = await client.jobs.get(await findJobId(client, positionals));
      return watchUntilEnd(client, job, context);
    });
  },
};
