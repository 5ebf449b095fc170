import { type ApiKey, type Caller, isEnvironmentKey } from '@prodigon/contracts';

/** What the web UI offers for a key. The gateway decides. */
export interface KeyRights {
  readonly canEdit: boolean;
  readonly canRotate: boolean;
  readonly canRevoke: boolean;
}

/**
 * Admins manage all keys, members those that their own key created or, if nothing restricts it, all of members of their owner.
 * Keys of `API_KEYS` are fixed. Nobody revokes the key of this browser tab here, because only another key could undo that.
 */
export function keyRights(key: ApiKey, caller: Caller): KeyRights {
  const isOwn = key.id === caller.key?.id;
  const isManaged = !isEnvironmentKey(key.id) && (caller.role === 'admin' || isManagedByMember(key, caller.key));
  return { canEdit: isManaged, canRotate: isManaged || (isOwn && !isEnvironmentKey(key.id)), canRevoke: isManaged && !isOwn };
}

function isManagedByMember(key: ApiKey, own: ApiKey | null): boolean {
  if (own === null || key.id === own.id || key.role !== 'member') return false;
  return key.parent_id === own.id || isUnrestricted(own);
}

function isUnrestricted({ parent_id, expires_at, models, limits, budget }: ApiKey): boolean {
  const restrictions = [parent_id, expires_at, models, ...Object.values(limits), ...Object.values(budget)];
  return restrictions.every((restriction) => restriction === null);
}

/** A key that another key created cannot create keys. */
export function canCreateKeys({ role, key }: Caller): boolean {
  return role === 'admin' || (key !== null && key.parent_id === null);
}
