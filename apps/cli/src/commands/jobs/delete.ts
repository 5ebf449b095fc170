import { parseCommandLine } from '../../command-line-arguments.ts';
import { confirm } from '../../confirm.ts';
import { withGateway } from '../../gateway-connection.ts';
import { asOneLine } from '../../terminal-text.ts';
import { findJobId } from './find-job-id.ts';
import { formatCount } from './format-numbers.ts';
import type { JobsSubcommand } from './subcommand.ts';

export const deleteSubcommand: JobsSubcommand = {
  name: 'delete',
  parameters: '<id>',
  summary: 'delete a finished job with its prompts and results',
  options: [['--yes', 'do not ask for confirmation']],
  async run(args, context) {
    const { values, positionals } = parseCommandLine({
      args,
      allowPositionals: true,
      options: { yes: { type: 'boolean', default: false }, url: { type: 'string' } },
    });
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
};
