import { defineCommand } from '../../command.ts';
import { URL_OPTION } from '../../command-line-arguments.ts';
import { assertConfirmable, confirm, YES_OPTION } from '../../confirm.ts';
import { formatCount } from '../../format-numbers.ts';
import { withGateway } from '../../gateway-connection.ts';
import { asOneLine } from '../../terminal-text.ts';
import { findJobId } from './find-job-id.ts';

export const deleteCommand = defineCommand({
  name: 'delete',
  parameters: '<id>',
  summary: 'delete a finished job with its prompts and results',
  options: { ...YES_OPTION, ...URL_OPTION },
  async run({ values, positionals }, context) {
    assertConfirmable(values.yes, context);
    return withGateway(context, values.url, async (client) => {
      const job = await client.jobs.get(await findJobId(client, positionals));
      const question = `Delete "${asOneLine(job.name, 60)}" with its ${formatCount(job.completed_prompts)} results?`;
      if (!values.yes && !(await confirm(question, context))) {
        context.stderr.write('Nothing was deleted.\n');
        return 1;
      }
      await client.jobs.remove(job.job_id);
      context.stderr.write(`Deleted job ${job.job_id}.\n`);
      return 0;
    });
  },
});
