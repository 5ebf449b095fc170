import { JOB_LIMITS, type JobInput, jobInputSchema } from './jobs.ts';

export interface InputProblem {
  readonly path: string;
  readonly message: string;
}

/**
 * `jobInputSchema` for a file of many lines: by hand what fits, which is a hundred times faster, and by the
 * schema what does not, in the words of somebody who looks at a file.
 */
export function parseJobInput(value: unknown): { input: JobInput } | { problem: InputProblem } {
  if (fits(value)) return { input: value };
  const result = jobInputSchema.safeParse(value);
  if (result.success) return { input: result.data };
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  return { problem: { path, message: messageOf(issue, path, value) } };
}

function fits(value: unknown): value is JobInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const key in value) if (key !== 'prompt' && key !== 'custom_id') return false;
  const { prompt, custom_id: customId } = value as Record<string, unknown>;
  return (
    typeof prompt === 'string' &&
    prompt.length <= JOB_LIMITS.promptCharactersMax &&
    /\S/.test(prompt) &&
    isStorable(prompt) &&
    (customId === undefined ||
      (typeof customId === 'string' &&
        customId.length > 0 &&
        customId.length <= JOB_LIMITS.customIdCharactersMax &&
        isStorable(customId)))
  );
}

const isStorable = (text: string) => !text.includes('\0') && text.isWellFormed();

type Issue = { code?: string | undefined; message: string; keys?: unknown; maximum?: unknown };

function messageOf(issue: Issue | undefined, path: string, value: unknown): string {
  switch (issue?.code) {
    case 'invalid_type':
      if (path === '') return 'Must be an object with a prompt, or the prompt as a string';
      return (value as Record<string, unknown>)[path] === undefined ? 'Is missing' : 'Must be text';
    case 'unrecognized_keys':
      return `Unknown key ${shown((issue.keys as string[])[0] ?? '')}; there are prompt and custom_id`;
    case 'too_big':
      return `Must have at most ${Number(issue.maximum).toLocaleString('en')} characters`;
    case 'too_small':
      return path === 'prompt' ? 'Must not be blank' : 'Must not be empty';
    default:
      return issue?.message ?? 'Cannot be used';
  }
}

const NAME_CHARACTERS_MAX = 40;
/** A name out of a file, in quotes and never longer than a line. */
export const shown = (name: string) =>
  JSON.stringify(name.length > NAME_CHARACTERS_MAX ? `${name.slice(0, NAME_CHARACTERS_MAX)}…` : name);
