import { formatCount } from './format.ts';

/** The fields of a validation issue of Zod that a message needs. */
interface Issue {
  code?: string | undefined;
  message: string;
  origin?: unknown;
  expected?: unknown;
  maximum?: unknown;
  minimum?: unknown;
  /** The issues of each option of a union. */
  errors?: unknown;
}

/** Explains an issue beside a form field. The validator's own messages are for programmers. `value` is the parsed input. */
export function fieldMessage(issue: Issue, value: unknown): string {
  if (typeof value === 'number' && Number.isNaN(value)) return 'Must be a number';
  const isText = typeof value === 'string';
  switch (issue.code) {
    case 'too_big':
      return `At most ${formatCount(Number(issue.maximum))}${isText ? ' characters' : ''}`;
    case 'too_small':
      return isText ? 'Must not be empty' : `At least ${formatCount(Number(issue.minimum))}`;
    case 'invalid_type':
      return typeof value === 'number' ? 'Must be a whole number' : 'Is required';
    case 'custom':
      return issue.message;
    case 'invalid_union': {
      const [first] = (issue.errors as Issue[][] | undefined)?.[0] ?? [];
      return first ? fieldMessage(first, value) : 'Is not valid';
    }
    default:
      return 'Is not valid';
  }
}
