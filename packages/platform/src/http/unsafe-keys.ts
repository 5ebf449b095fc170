import { type AppError, fieldPath } from '@prodigon/contracts';
import { validationError } from './error-handling.ts';

/** Finds the key `__proto__` in a JSON text, also with escapes. */
const UNSAFE_KEY = /"(?:_|\\u005f){2}(?:p|\\u0070)(?:r|\\u0072)(?:o|\\u006f)(?:t|\\u0074)(?:o|\\u006f)(?:_|\\u005f){2}"\s*:/i;

interface Node {
  readonly value: object;
  readonly key: string;
  readonly parent: Node | undefined;
}

/**
 * Returns an error for a field named `__proto__`: a schema that copies it would set the prototype of the copy, and with it
 * fields that nothing has validated. A property of that name in a JSON Schema is valid, because schemas pass as they are.
 */
export function unsafeKeyError(text: string, value: unknown): AppError | undefined {
  if (!UNSAFE_KEY.test(text) || !isObject(value)) return undefined;
  const pending: Node[] = [{ value, key: '', parent: undefined }];
  for (let node = pending.pop(); node; node = pending.pop()) {
    for (const [key, child] of Object.entries(node.value)) {
      if (key === '__proto__' && !(node.key === 'properties' && isObject(child)))
        return validationError([{ path: fieldPath(pathOf(node, key)), message: 'Must have another name' }]);
      if (isObject(child)) pending.push({ value: child, key, parent: node });
    }
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function pathOf(node: Node, key: string): string[] {
  const path = [key];
  for (let at = node; at.parent; at = at.parent) path.push(at.key);
  return path.reverse();
}
