import { defineCommand } from '../../command.ts';
import { JSON_OPTION, URL_OPTION } from '../../command-line-arguments.ts';
import { withGateway } from '../../gateway-connection.ts';
import { findJobId } from './find-job-id.ts';
import { reportJob } from './watch-until-end.ts';

export const watchCommand = defineCommand({
  name: 'watch',
  parameters: '<id>',
  summary: 'show the progress of a job until it ends; Ctrl-C stops only the display',
  options: { ...JSON_OPTION, ...URL_OPTION },
  async run({ values, positionals }, context) {
    return withGateway(context, values.url, async (client) => {
      const job = await client.jobs.get(await findJobId(client, positionals));
      return reportJob(client, job, { ...values, watch: true }, context);
    });
  },
});
