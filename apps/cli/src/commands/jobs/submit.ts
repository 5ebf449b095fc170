import { AppError, JOB_LIMITS, type JobOptionsInput, jobOptionsSchema } from '@prodigon/contracts';
import { UsageError } from '../../command.ts';
import { parseCommandLine, parseNumber } from '../../command-line-arguments.ts';
import { confirm } from '../../confirm.ts';
import { withGateway } from '../../gateway-connection.ts';
import { countOf, formatCount } from './format-numbers.ts';
import { type CheckedJobFile, readCheckedJobFile } from './job-file.ts';
import type { JobsSubcommand } from './subcommand.ts';
import { submitJobFile } from './submit-job-file.ts';
import { INTERRUPTED_EXIT_CODE, watchUntilEnd } from './watch-until-end.ts';

/** A job with more prompts needs confirmation. */
const UNCONFIRMED_PROMPTS_MAX = 1_000;

export const submitSubcommand: JobsSubcommand = {
  name: 'submit',
  parameters: '<file>',
  summary: 'submit a .jsonl, .csv or .txt file of prompts as a job, and watch it',
  options: [
    ['--format <format>', 'jsonl, csv or txt; detected by the file name if omitted; <file> can be - for standard input'],
    ['--name <text>', 'the name of the job'],
    ['--model <id>', 'the model to use; the default model without it'],
    ['--system <text>', 'the system prompt of every prompt'],
    ['--max-tokens <n>', "the maximum tokens of each response; the model's default without it"],
    ['--temperature <n>', "0 to 2; the model's default without it"],
    ['--priority <n>', `0 to ${JOB_LIMITS.priorityMax}, the highest of your jobs first`],
    ['--expires-in-hours <n>', `1 to ${JOB_LIMITS.expiresInHoursMax}; prompts that have not started by then are cancelled`],
    ['--no-watch', 'print the id and exit'],
    ['--yes', `do not ask for confirmation of more than ${formatCount(UNCONFIRMED_PROMPTS_MAX)} prompts`],
  ],
  async run(args, context) {
    const text = { type: 'string' } as const;
    const { values, positionals } = parseCommandLine({
      args,
      allowPositionals: true,
      allowNegative: true,
      options: {
        format: text,
        name: text,
        model: text,
        system: text,
        'max-tokens': text,
        temperature: text,
        priority: text,
        'expires-in-hours': text,
        watch: { type: 'boolean', default: true },
        yes: { type: 'boolean', default: false },
        url: text,
      },
    });
    const [path, ...others] = positionals;
    if (path === undefined || others.length > 0) throw new UsageError('Name one file of prompts, or - for standard input.');
    const options = parseOptions(values);
    const file = await readCheckedJobFile(path, values.format, context);
    assertValidLines(path, file);
    const count = file.check.total;
    if (count > UNCONFIRMED_PROMPTS_MAX && !values.yes && !(await confirm(`Submit ${formatCount(count)} prompts?`, context))) {
      context.stderr.write('Nothing was submitted.\n');
      return 1;
    }
    return withGateway(context, values.url, async (client) => {
      const job = await submitJobFile(client, { file, options, context });
      if (!job) return INTERRUPTED_EXIT_CODE;
      context.stderr.write(`Submitted ${countOf(count, 'prompt')} as job:\n`);
      context.stdout.write(`${job.job_id}\n`);
      return values.watch ? watchUntilEnd(client, job, context) : 0;
    });
  },
};

function assertValidLines(path: string, { check: { errors, errorCount, total } }: CheckedJobFile): void {
  if (errorCount === 0 && total > 0) return;
  const name = path === '-' ? 'Standard input' : path;
  if (errorCount === 0) throw new AppError('VALIDATION_ERROR', `${name} contains no prompts.`);
  const extent = `${formatCount(errorCount)} of ${countOf(errorCount + total, 'line')} are invalid.`;
  const shown = errorCount > errors.length ? ` The first ${errors.length}:` : '';
  throw new AppError('VALIDATION_ERROR', `${name}: ${extent}${shown}`, { details: [...errors] });
}

type OptionTexts = { readonly [name: string]: string | boolean | undefined };
const NAMES = {
  name: 'name',
  model: 'model',
  system: 'system_prompt',
  'max-tokens': 'max_tokens',
  temperature: 'temperature',
  priority: 'priority',
  'expires-in-hours': 'expires_in_hours',
} as const;
const NUMBERS = new Set(['max-tokens', 'temperature', 'priority', 'expires-in-hours']);

/** Returns only the given options, because the gateway has the defaults. Throws a `UsageError` for invalid ones. */
function parseOptions(texts: OptionTexts): JobOptionsInput {
  const options: Record<string, string | number> = {};
  for (const [option, key] of Object.entries(NAMES)) {
    const text = texts[option];
    if (typeof text === 'string') options[key] = NUMBERS.has(option) ? parseNumber(option, text) : text;
  }
  const issue = jobOptionsSchema.safeParse(options).error?.issues[0];
  if (!issue) return options;
  const option = Object.entries(NAMES).find(([, key]) => key === issue.path[0])?.[0];
  throw new UsageError(`--${option}: ${issue.message}.`);
}
