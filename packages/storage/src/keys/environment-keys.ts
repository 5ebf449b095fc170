import { scryptSync } from 'node:crypto';
import { ENVIRONMENT_KEY_PREFIX } from '@prodigon/contracts';
import type { EnvironmentKey } from '@prodigon/platform/configuration';
import type { KeyRecord } from '@prodigon/ports';

/** Part of every derived name. A change would give all bare keys other owners. */
const SALT = 'prodigon: owner of a bare key of API_KEYS';
const NAME_CHARACTERS = 10;
/** RFC 4648, in lower case. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Returns the record of a key of API_KEYS. It is an owner of its own, with the name of the key. */
export function toKeyRecord({ name: configuredName, role, value }: EnvironmentKey): KeyRecord {
  const name = configuredName ?? nameOfBareKey(value);
  return {
    id: `${ENVIRONMENT_KEY_PREFIX}${name}`,
    name,
    ownerId: name,
    role,
    parentId: null,
    createdAt: null,
    lastUsedAt: null,
    expiresAt: null,
    revokedAt: null,
    previousExpiresAt: null,
    limits: { requests_per_min: null, tokens_per_min: null, streams: null },
    budget: { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null },
    models: null,
  };
}

/**
 * Returns a name that survives restarts and a new order of API_KEYS. It appears in responses and logs, and people choose
 * such keys themselves, so that it is the result of a slow function.
 */
function nameOfBareKey(value: string): string {
  const bytes = scryptSync(value, SALT, NAME_CHARACTERS);
  return `key-${[...bytes].map((byte) => BASE32[byte % BASE32.length]).join('')}`;
}
