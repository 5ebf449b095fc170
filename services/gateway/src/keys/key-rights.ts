import { type ApiKeyLimits, AppError } from '@prodigon/contracts';
import type { KeyChanges, KeyRecord } from '@prodigon/ports';

/** The properties of a new or changed key that its creator's rights bound. Undefined properties stay as they are. */
export type WantedRights = Pick<KeyChanges, 'expiresAt' | 'models' | 'limits'>;

const LIMIT_LABELS: Record<keyof ApiKeyLimits, string> = {
  requests_per_min: 'requests per minute',
  tokens_per_min: 'tokens per minute',
  streams: 'concurrent streams',
};

const refuse = (message: string): never => {
  throw new AppError('FORBIDDEN', message);
};

/**
 * Returns the expiry and the models of a key that the member key `own` creates or changes: at most those of `own`. Throws
 * `FORBIDDEN` when more is wanted. `platformLimits` apply to owners whose keys have no limits of their own.
 */
export function boundRights(
  own: KeyRecord,
  { expiresAt, models, limits = {} }: WantedRights,
  platformLimits: ApiKeyLimits,
): { expiresAt?: Date | null; models?: readonly string[] | null } {
  if (own.expiresAt && expiresAt && expiresAt > own.expiresAt) refuse('The key must not expire later than your own key.');
  const foreign = own.models && models?.find((model) => !own.models?.includes(model));
  if (foreign) refuse(`Your own key may not use the model ${JSON.stringify(foreign)}.`);
  for (const name of Object.keys(limits) as (keyof ApiKeyLimits)[]) {
    const wanted = limits[name] ?? null;
    // A limit of a key replaces that of the platform, so that it must not be a way around it.
    const most = own.limits[name] ?? (platformLimits[name] === null ? Number.POSITIVE_INFINITY : 0);
    if (wanted === null || wanted <= most) continue;
    if (most === 0) refuse(`Omit the limit of ${LIMIT_LABELS[name]}: the limit of the platform applies to your own key.`);
    refuse(`The limit of ${LIMIT_LABELS[name]} must not be higher than that of your own key.`);
  }
  return {
    ...(expiresAt !== undefined && { expiresAt: expiresAt ?? own.expiresAt }),
    ...(models !== undefined && { models: models ?? own.models }),
  };
}

/** Returns whether the member key `own` has no limits of its own, so that every member key of its owner has at most its rights. */
function isUnrestricted({ parentId, expiresAt, models, limits, budget }: KeyRecord): boolean {
  const isSet = (value: unknown) => value !== null;
  return !(isSet(parentId) || isSet(expiresAt) || isSet(models) || Object.values({ ...limits, ...budget }).some(isSet));
}

/**
 * Throws `FORBIDDEN` unless the member key `own` may change `key`, which belongs to the same owner: a key that it created,
 * or, if nothing restricts it, any member key. Whoever may change a key may also rotate it and then use it, so that its
 * rights must not exceed those of `own`.
 */
export function assertMayManage(own: KeyRecord, key: KeyRecord, platformLimits: ApiKeyLimits): void {
  if (key.id === own.id) refuse('A key cannot change its own rights. Ask an admin.');
  if (key.role !== 'member') refuse('Only admins may change keys with the role admin.');
  if (key.parentId === own.id) return;
  if (!isUnrestricted(own)) refuse('Your key may change only the keys that it created.');
  boundRights(own, key, platformLimits);
}

/** Throws `FORBIDDEN` for a key that another key created. It could otherwise multiply its limits and its budget. */
export function assertMayCreate({ parentId }: KeyRecord): void {
  if (parentId !== null) refuse('A key that another key created cannot create keys.');
}
