import { API_KEY_PREFIX, type ApiKeyRole, apiKeyNameSchema, apiKeyRoleSchema } from '@prodigon/contracts';
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

/** Returns the problems of API_KEYS. They name items by position, because any part of a malformed item may be a key. */
export function findKeyProblems(keys: readonly EnvironmentKey[]): string[] {
  const problems = keys.flatMap((key, index) =>
    findItemProblems(key).map((problem) => `Item ${index + 1} of API_KEYS ${problem}`),
  );
  for (const index of findRepeated(keys.map(({ name }) => name)))
    problems.push(`Item ${index + 1} of API_KEYS has the name of another item`);
  for (const index of findRepeated(keys.map(({ value }) => value)))
    problems.push(`Item ${index + 1} of API_KEYS has the key of another item`);
  return problems;
}

function findItemProblems({ name, role, value }: EnvironmentKey): string[] {
  const problems: string[] = [];
  if (name !== null && !apiKeyNameSchema.safeParse(name).success)
    problems.push('has an invalid name: use letters and digits in their usual form, single spaces and . _ @ -');
  else if (name !== null && LOOKS_LIKE_KEY.test(name)) problems.push('has a name that looks like a key: write name=key');
  if (!apiKeyRoleSchema.safeParse(role).success) problems.push('has an invalid role: use admin or member');
  if (name === null && value.includes(':')) problems.push('has a colon, but no name: write name=key or name:admin=key');
  if (/\s|;.*=/s.test(value)) problems.push('has a key with white space or several items: separate items by commas');
  if (value.length < CHARACTERS_MIN) problems.push(`has a key of fewer than ${CHARACTERS_MIN} characters`);
  // Unlike a provider's key, a missing one would open the API, so that a placeholder is an error.
  if (isPlaceholderKey(value)) problems.push('is a placeholder: replace it with a key');
  return problems;
}

/** Names appear in logs and reports, so that a swapped item would publish its key. */
const LOOKS_LIKE_KEY = new RegExp(`^(?:${API_KEY_PREFIX}|(?=.*\\d)(?=.*[A-Za-z])[A-Za-z0-9]{20,}$)`);

/** Returns the indexes of texts that also come before. */
const findRepeated = (texts: readonly (string | null)[]) =>
  texts.flatMap((text, index) => (text !== null && texts.indexOf(text) < index ? [index] : []));
