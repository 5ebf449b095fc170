import type { ApiKey } from '@prodigon/contracts';
import { formatDuration } from '../../design/format.ts';

/** How long after its revocation a key can be restored. */
export const RESTORE_WINDOW_MS = 600_000;

/** Why a key is not valid, or that it is. `suspended`: the key that created it is not valid. */
export type KeyState = 'active' | 'expired' | 'revoked' | 'suspended';

export const KEY_STATE_LABELS: Record<KeyState, string> = {
  active: 'Active',
  expired: 'Expired',
  revoked: 'Revoked',
  suspended: 'Suspended',
};

/** Returns the state at `now`, in milliseconds since the epoch. `keys` may contain the key's parent. */
export function keyState(key: ApiKey, keys: readonly ApiKey[], now: number): KeyState {
  if (key.revoked_at !== null) return 'revoked';
  if (key.expires_at !== null && Date.parse(key.expires_at) <= now) return 'expired';
  const parent = keys.find(({ id }) => id === key.parent_id);
  return parent && keyState(parent, [], now) !== 'active' ? 'suspended' : 'active';
}

/** Returns the name of the key that created `key`, whose limits and budget apply too, or its id when `keys` lack it. */
export function parentName({ parent_id }: ApiKey, keys: readonly ApiKey[]): string | null {
  return keys.find(({ id }) => id === parent_id)?.name ?? parent_id;
}

/** Returns whether `keys` contain another key with the same name and owner, which only the id distinguishes. */
export function hasNamesake({ id, name, owner }: ApiKey, keys: readonly ApiKey[]): boolean {
  return keys.some((key) => key.id !== id && key.name === name && key.owner === owner);
}

export function isRestorable({ revoked_at }: ApiKey, now: number): boolean {
  return revoked_at !== null && now - Date.parse(revoked_at) < RESTORE_WINDOW_MS;
}

const DATE = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });

/** Date and time to the minute, in the time zone of the browser. */
export function formatMinute(isoTime: string): string {
  return DATE.format(new Date(isoTime));
}

/** `Used 5 min ago`, `Never used`. */
export function lastUsedLabel({ last_used_at }: ApiKey, now: number): string {
  if (last_used_at === null) return 'Never used';
  const seconds = (now - Date.parse(last_used_at)) / 1_000;
  return seconds < 120 ? 'Used just now' : `Used ${largestUnit(seconds)} ago`;
}

/** `Expires in 3 d`, `Expired 2 h ago`, `Never expires`. */
export function expiryLabel({ expires_at }: ApiKey, now: number): string {
  if (expires_at === null) return 'Never expires';
  const seconds = (Date.parse(expires_at) - now) / 1_000;
  return seconds > 0 ? `Expires in ${largestUnit(seconds)}` : `Expired ${largestUnit(-seconds)} ago`;
}

function largestUnit(seconds: number): string {
  return formatDuration(seconds).split(' ').slice(0, 2).join(' ');
}
