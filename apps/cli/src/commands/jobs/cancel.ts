import { isTerminalJobStatus } from '@prodigon/contracts';
import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { countOf, formatCount, statusOf } from '../../format-numbers.ts';
import { withGateway } from '../../gateway-connection.ts';
import { writeJson } from '../../write-json.ts';
import { findJobId } from './find-job-id.ts';

export const cancelCommand = defineCommand({
  name: 'cancel',
  parameters: '<id>',
  summary: 'cancel the queued prompts of a job; keep its results',
  options: { ...JSON_OPTION, ...URL_OPTION },
  async run({ values, positionals }, context) {
    return withGateway(context, values.url, async (client) => {
      const job = await client.jobs.cancel(await findJobId(client, positionals));
      if (values.json) return writeJson(job, context);
      const succeeded = `${formatCount(job.completed_prompts)} of ${countOf(job.total_prompts, 'prompt')} succeeded`;
      const state = isTerminalJobStatus(job.status)
        ? `The job is ${statusOf(job).toLowerCase()}`
        : `The job is being cancelled; at most ${countOf(job.running_prompts, 'running prompt')} can still finish`;
      context.stderr.write(`${state}: ${succeeded}.\n`);
      return 0;
    });
  },
});
