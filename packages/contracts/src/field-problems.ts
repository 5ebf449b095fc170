import type { z } from 'zod';
import './schema-messages.ts';

/** An invalid field of a request. */
export interface FieldProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Returns a path in OpenAI's notation, which every error uses: `messages[0].role`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((whole, key) => {
    const name = String(key);
    if (/^\d+$/.test(name)) return `${whole}[${name}]`;
    return whole === '' ? name : `${whole}.${name}`;
  }, '');
}

/**
 * Returns the problems behind the issues of a schema. For a union, these are the problems of the option whose type the value
 * has: `content[0].text` instead of `content`.
 */
export function flattenIssues(issues: readonly z.core.$ZodIssue[]): FieldProblem[] {
  return issues.flatMap((issue): FieldProblem[] => {
    if (issue.code === 'invalid_union') {
      const nested = issue.errors.find((option) => !option.some(isAboutType));
      if (nested) return flattenIssues(nested).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
    }
    return [{ path: issue.path, message: issue.message }];
  });
}

/** Returns whether an option of a union does not apply to the value at all. */
function isAboutType({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value' || code === 'custom');
}
