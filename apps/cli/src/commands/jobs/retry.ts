import { parseCommandLine } from '../../command-line-arguments.ts';
import { withGateway } from '../../gateway-connection.ts';
import { findJobId } from './find-job-id.ts';
import { countOf } from './format-numbers.ts';
import type { JobsSubcommand } from './subcommand.ts';
import { watchUntilEnd } from './watch-until-end.ts';

export const retrySubcommand: JobsSubcommand = {
  name: 'retry',
  parameters: '<id>',
  summary: 'rerun the prompts of a finished job that have no response, and watch it',
  options: [['--no-watch', 'return immediately']],
  async run(args, context) {
    const { values, positionals } = parseCommandLine({
      args,
      allowPositionals: true,
      allowNegative: true,
      options: { watch: { type: 'boolean', default: true }, url: { type: 'string' } },
    });
    return withGateway(context, values.url, async (client) => {
      const job = await client.jobs.retry(await findJobId(client, positionals));
      context.stderr.write(`${countOf(job.total_prompts - job.completed_prompts, 'prompt')} to retry.\n`);
      return values.watch ? watchUntilEnd(client, job, context) : 0;
    });
  },
};
