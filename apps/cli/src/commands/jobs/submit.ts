import { AppError, JOB_FILE_FORMATS, JOB_LIMITS, type JobOptionsInput, jobOptionsSchema } from '@prodigon/contracts';
import { defineCommand } from '../../command.ts';
import { JSON_OPTION, parseNumber, URL_OPTION } from '../../command-line-arguments.ts';
import { confirm, isInteractive } from '../../confirm.ts';
import { countOf, formatCount } from '../../format-numbers.ts';
import { withGateway } from '../../gateway-connection.ts';
import { INTERRUPTED_EXIT_CODE } from '../../interrupt-signal.ts';
import { UsageError } from '../../usage-error.ts';
import { type CheckedJobFile, readCheckedJobFile } from './job-file.ts';
import { submitJobFile } from './submit-job-file.ts';
import { reportJob } from './watch-until-end.ts';

/** A job with more prompts needs confirmation. */
const UNCONFIRMED_PROMPTS_MAX = 1_000;

export const submitCommand = defineCommand({
  name: 'submit',
  parameters: '<file>',
  summary: 'submit a .jsonl, .csv or .txt file of prompts as a job, and watch it',
  options: {
    format: {
      type: 'string',
      value: '<format>',
      choices: Object.keys(JOB_FILE_FORMATS),
      description: 'jsonl, csv or txt; detected by the file name if omitted',
    },
    name: { type: 'string', value: '<text>', description: 'the name of the job' },
    model: { type: 'string', value: '<id>', description: 'the model to use; the default model without it' },
    system: { type: 'string', value: '<text>', description: 'the system prompt of every prompt' },
    'max-tokens': {
      type: 'string',
      value: '<n>',
      description: "the maximum tokens of each response; the model's default without it",
    },
    temperature: { type: 'string', value: '<n>', description: "0 to 2; the model's default without it" },
    priority: {
      type: 'string',
      value: '<n>',
      description: `0 to ${JOB_LIMITS.priorityMax}; your jobs with the highest priority run first`,
    },
    'expires-in-hours': {
      type: 'string',
      value: '<n>',
      description: `1 to ${JOB_LIMITS.expiresInHoursMax}; prompts that have not started by then expire`,
    },
    watch: { type: 'boolean', default: true, description: 'print the id and exit' },
    yes: {
      type: 'boolean',
      default: false,
      description: `do not ask for confirmation of more than ${formatCount(UNCONFIRMED_PROMPTS_MAX)} prompts`,
    },
    json: {
      ...JSON_OPTION.json,
      description: 'print the job as JSON instead of its id, at its end or immediately with --no-watch',
    },
    ...URL_OPTION,
  },
  notes: [
    '<file> can be - for standard input. On a terminal, a large job needs confirmation.\n  Exits with 1 if any prompt has no response.',
  ],
  async run({ values, positionals }, context) {
    const [path, ...others] = positionals;
    if (path === undefined || others.length > 0) throw new UsageError('Name one file of prompts, or - for standard input.');
    const options = parseOptions(values);
    const file = await readCheckedJobFile(path, values.format, context);
    assertValidLines(path, file);
    const count = file.check.total;
    const isConfirmed = count <= UNCONFIRMED_PROMPTS_MAX || values.yes || !isInteractive(context);
    if (!isConfirmed && !(await confirm(`Submit ${formatCount(count)} prompts?`, context))) {
      context.stderr.write('Nothing was submitted.\n');
      return 1;
    }
    return withGateway(context, values.url, async (client) => {
      const job = await submitJobFile(client, { file, options, context });
      if (!job) return INTERRUPTED_EXIT_CODE;
      context.stderr.write(`Submitted ${countOf(count, 'prompt')} as job:\n`);
      if (!values.json) context.stdout.write(`${job.job_id}\n`);
      return reportJob(client, job, values, context);
    });
  },
});

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
