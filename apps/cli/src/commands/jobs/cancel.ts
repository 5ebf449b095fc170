import { isTerminalJobStatus } from '@prodigon/contracts';
import { parseCommandLine } from '../../command-line-arguments.ts';
import { withGateway } from '../../gateway-connection.ts';
import { findJobId } from './find-job-id.ts';
import { countOf, formatCount } from './format-numbers.ts';
import type { JobsSubcommand } from './subcommand.ts';

export const cancelSubcommand: JobsSubcommand = {
  name: 'cancel',
  parameters: '<id>',
  summary: 'cancel the pending prompts of a job; keep its results',
  options: [],
  async run(args, context) {
    const { values, positionals } = parseCommandLine({ args, allowPositionals: true, options: { url: { type: 'string' } } });
    return withGateway(context, values.url, async (client) => {
      const job = await client.jobs.cancel(await findJobId(client, positionals));
      const completed = `${formatCount(job.completed_prompts)} of ${countOf(job.total_prompts, 'prompt')} completed`;
      const state = isTerminalJobStatus(job.status)
        ? `The job is ${job.status}`
        : `The job is being cancelled, ${countOf(job.running_prompts, 'prompt')} in flight can still finish`;
      context.stderr.write(`${state}: ${completed}.\n`);
      return 0;
    });
  },
};
