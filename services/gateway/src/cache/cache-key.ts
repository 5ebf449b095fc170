import { createHash } from 'node:crypto';
import { nextTurn, stringifyJson } from '@prodigon/platform';
import type { StreamFormat } from '@prodigon/ports';

/** Everything that a response depends on. */
export interface CacheKeyParts {
  readonly owner: string;
  /** What the API key of the request may use. Two keys of one owner share responses only if they have equal rights. */
  readonly rights: unknown;
  readonly kind: 'completion' | 'embedding' | `stream of ${StreamFormat}`;
  /** With its parameters, after aliases. */
  readonly model: string;
  readonly linkBase: string | undefined;
  readonly request: Readonly<Record<string, unknown>>;
}

/** Changes with the format of stored responses, so that gateways of two versions can share Redis. */
const VERSION = 1;
/** Bytes that are hashed in one turn of the event loop. */
const BYTES_PER_TURN = 1 << 20;

/**
 * Returns the SHA-256 of a canonical form. Only the order of the request's own fields is irrelevant: a model sees the order
 * of the properties in a schema.
 */
export async function createCacheKey({ owner, rights, kind, model, linkBase, request }: CacheKeyParts): Promise<string> {
  const names = Object.keys(request).sort();
  const fields = names.filter((name) => name !== 'model' && request[name] !== undefined).map((name) => [name, request[name]]);
  const json = await stringifyJson([VERSION, owner, rights, kind, model, linkBase ?? null, fields]);
  const bytes = typeof json === 'string' ? Buffer.from(json) : json;
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.length; start += BYTES_PER_TURN) {
    if (start > 0) await nextTurn();
    hash.update(bytes.subarray(start, start + BYTES_PER_TURN));
  }
  return hash.digest('hex');
}
