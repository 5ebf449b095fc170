import type { ApiClient } from '@prodigon/api-client';
import { type ApiKey, AppError } from '@prodigon/contracts';
import type { CompletionRequest } from '../../command.ts';
import { connectAsOperator } from '../../gateway-connection.ts';
import { toTerminalText } from '../../terminal-text.ts';
import { UsageError } from '../../usage-error.ts';

const COMPLETION_TIMEOUT_MS = 2_000;
const ID = /^(?:[0-9a-f]{8}-[0-9a-f-]{27}|environment:.*)$/;

/**
 * Returns the id of the key that `positionals` name by its name or id. Of several keys with one name, it returns the only
 * one that is revoked, or the only one that is not. Throws a `UsageError` unless they name exactly one.
 */
export async function findKeyId(client: ApiClient, positionals: readonly string[], { isRevoked = false } = {}): Promise<string> {
  const [name, ...others] = positionals;
  if (name === undefined || others.length > 0) throw new UsageError('Give the name or the id of one key.');
  if (ID.test(name)) return name;
  const named = (await client.keys.list()).keys.filter((key) => key.name === name);
  const preferred = named.filter(({ revoked_at }) => (revoked_at !== null) === isRevoked);
  const found = preferred.length > 0 ? preferred : named;
  const [only] = found;
  if (!only) throw new AppError('API_KEY_NOT_FOUND', `There is no key "${name}".`);
  if (found.length === 1) return only.id;
  const ids = found.map(({ id, owner }) => `\n  ${id} of ${owner}`).join('');
  throw new UsageError(`Several keys have the name "${name}". Give the id of one of them:${ids}\n`);
}

/** Completes the name of a key that is not revoked. */
export const completeKeyName = (request: CompletionRequest) => completeName(request, false);

/** Completes the name of a revoked key. */
export const completeRevokedKeyName = (request: CompletionRequest) => completeName(request, true);

async function completeName({ words, option, context }: CompletionRequest, isRevoked: boolean): Promise<readonly string[]> {
  if (option !== undefined || words.some((word) => !word.startsWith('-'))) return [];
  try {
    const { client } = connectAsOperator(context, undefined);
    const { keys } = await client.keys.list(AbortSignal.timeout(COMPLETION_TIMEOUT_MS));
    const names = keys.filter((key) => (key.revoked_at !== null) === isRevoked).map(({ name }) => toTerminalText(name));
    // The completion scripts quote nothing.
    return [...new Set(names)].filter((name) => !name.includes(' '));
  } catch {
    return [];
  }
}

/** Describes a key in a sentence. */
export const nameOf = ({ name, owner }: ApiKey): string => `the key "${toTerminalText(name)}" of ${toTerminalText(owner)}`;
