import { isTerminalJobStatus } from '@prodigon/contracts';
import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { withGateway } from '../../gateway-connection.ts';
import { writeJson } from '../../write-json.ts';
import { findJobId } from './find-job-id.ts';
import { countOf, formatCount } from './format-numbers.ts';

export const cancelCommand = defineCommand({
  name: 'cancel',
  parameters: '<id>',
  summary: 'cancel the pending prompts of a job; keep its results',
  options: { ...JSON_OPTION, ...URL_OPTION },
  async run({ values, positionals }, context) {
    return withGateway(context, values.url, async (client) => {
      const job = await client.jobs.cancel(await findJobId(client, positionals));
      if (values.json) return writeJson(job, context);
      const completed = `${formatCount(job.completed_prompts)} of ${countOf(job.total_prompts, 'prompt')} completed`;
      const state = isTerminalJobStatus(job.status)
        ? `The job is ${job.status}`
        : `The job is being cancelled; at most ${countOf(job.running_prompts, 'claimed prompt')} can still finish`;
      context.stderr.write(`${state}: ${completed}.\n`);
      return 0;
    });
  },
});
