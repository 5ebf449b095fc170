import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { countOf } from '../../format-numbers.ts';
import { withGateway } from '../../gateway-connection.ts';
import { findJobId } from './find-job-id.ts';
import { reportJob } from './watch-until-end.ts';

export const retryCommand = defineCommand({
  name: 'retry',
  parameters: '<id>',
  summary: 'rerun the prompts of a finished job that have no response, and watch it',
  options: { watch: { type: 'boolean', default: true, description: 'exit immediately' }, ...JSON_OPTION, ...URL_OPTION },
  async run({ values, positionals }, context) {
    return withGateway(context, values.url, async (client) => {
      const job = await client.jobs.retry(await findJobId(client, positionals));
      context.stderr.write(`${countOf(job.total_prompts - job.completed_prompts, 'prompt')} to retry.\n`);
      return reportJob(client, job, values, context);
    });
  },
});
