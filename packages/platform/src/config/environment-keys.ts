import { type ApiKeyRole, apiKeyNameSchema, apiKeyRoleSchema } from '@prodigon/contracts';
import { isPlaceholderKey } from './placeholder-key.ts';

/** One item of API_KEYS. */
export interface EnvironmentKey {
  /** Null for a bare key, whose name and owner follow from its value. */
  readonly name: string | null;
  readonly role: ApiKeyRole;
  readonly value: string;
}

const CHARACTERS_MIN = 16;

/** Parses an item of API_KEYS: `name=key`, `name:admin=key` or a bare key. A bare key may end with the padding of Base64. */
export function parseEnvironmentKey(item: string): EnvironmentKey {
  const separator = item.replace(/=+$/, '').indexOf('=');
  if (separator < 0) return { name: null, role: 'member', value: item };
  const [name = '', role = 'member'] = item.slice(0, separator).split(/:(.*)/s);
  return { name, role: role as ApiKeyRole, value: item.slice(separator + 1) };
}

/** Returns the problems of API_KEYS, without the values of keys. */
export function findKeyProblems(keys: readonly EnvironmentKey[]): string[] {
  const problems: string[] = [];
  const names = keys.flatMap(({ name }) => name ?? []);
  for (const { name, role } of keys) {
    if (name !== null && !apiKeyNameSchema.safeParse(name).success)
      problems.push(
        `API_KEYS holds the invalid name ${JSON.stringify(name)}: use letters and digits in their usual form, single spaces and . _ @ -`,
      );
    if (!apiKeyRoleSchema.safeParse(role).success)
      problems.push(`API_KEYS gives ${JSON.stringify(name)} the role ${JSON.stringify(role)}: use admin or member`);
  }
  for (const name of findRepeated(names)) problems.push(`API_KEYS holds the name ${JSON.stringify(name)} more than once`);
  const values = keys.map(({ value }) => value);
  if (findRepeated(values).length > 0) problems.push('API_KEYS holds a key more than once');
  if (values.some((value) => value.length < CHARACTERS_MIN))
    problems.push(`API_KEYS holds a key of fewer than ${CHARACTERS_MIN} characters`);
  // Unlike a provider's key, a missing one would open the API, so that a placeholder is an error.
  if (values.some(isPlaceholderKey)) problems.push('API_KEYS holds a placeholder: replace it with a key');
  return problems;
}

const findRepeated = (texts: readonly string[]) => [...new Set(texts.filter((text, index) => texts.indexOf(text) !== index))];
