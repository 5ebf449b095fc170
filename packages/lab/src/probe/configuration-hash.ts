import { createHash } from 'node:crypto';

const HASH_CHARACTERS = 12;

/** Returns a hash of these variables and their values, whatever their order. */
export function hashConfiguration(env: NodeJS.ProcessEnv, names: readonly string[]): string {
  const entries = names.toSorted().map((name) => [name, env[name] ?? null]);
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex').slice(0, HASH_CHARACTERS);
}
