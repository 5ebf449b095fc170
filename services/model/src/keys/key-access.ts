import { AppError, forbiddenModelError, isEnvironmentKey, type ModelList } from '@prodigon/contracts';
import type { KeyDirectory, KeyRecord, Principal } from '@prodigon/ports';
import type { Resolution } from '../inference/model-catalog.ts';

/** What the key of a call may use. */
export interface KeyAccess {
  /** The key and its parent, as far as they have a budget. */
  readonly budgetKeyIds: readonly string[];
  /** Ids of the only models that the key may use; null for all. */
  readonly allowedIds: ReadonlySet<string> | null;
}

export interface KeyAccessOptions {
  /** Undefined without a database. */
  directory: Pick<KeyDirectory, 'find' | 'chainOf'> | undefined;
  /** Returns the id of the model that serves requests for a name. */
  idOf: (name: string) => string;
}

const UNRESTRICTED: KeyAccess = { budgetKeyIds: [], allowedIds: null };

/**
 * Creates a function that returns what a principal may use, and a promise only if it has to read keys. It throws `FORBIDDEN` for a key that is no longer valid: items
 * of a job outlive the request that submitted them.
 */
export function createKeyAccess({ directory, idOf }: KeyAccessOptions): (principal: Principal) => KeyAccess | Promise<KeyAccess> {
  function allowedIdsOf(chain: readonly KeyRecord[]): ReadonlySet<string> | null {
    let allowed: ReadonlySet<string> | null = null;
    for (const { models } of chain) {
      if (models === null) continue;
      const own = new Set(models.map(idOf));
      allowed = new Set([...own].filter((id) => allowed?.has(id) ?? true));
    }
    return allowed;
  }

  function accessOfKey(key: KeyRecord | null): KeyAccess {
    if (key === null) throw new AppError('FORBIDDEN', 'The API key was revoked or has expired.');
    const chain = directory?.chainOf(key) ?? [key];
    return { budgetKeyIds: chain.filter(hasBudget).map(({ id }) => id), allowedIds: allowedIdsOf(chain) };
  }

  return ({ keyId }) => {
    if (keyId === undefined || isEnvironmentKey(keyId)) return UNRESTRICTED;
    if (!directory)
      throw new AppError('SERVICE_UNAVAILABLE', 'The model service cannot check the API key, because it has no DATABASE_URL.');
    const key = directory.find(keyId);
    return key instanceof Promise ? key.then(accessOfKey) : accessOfKey(key);
  };
}

function hasBudget({ budget }: KeyRecord): boolean {
  return Object.values(budget).some((amount) => amount !== null);
}

/** Returns the resolution without fallbacks that the key may not use. Throws `FORBIDDEN` when it may not use the model itself. */
export function restrictTargets(resolution: Resolution, { allowedIds }: KeyAccess): Resolution {
  if (allowedIds === null) return resolution;
  const [first, ...fallbacks] = resolution.targets;
  if (!allowedIds.has(first.id)) throw forbiddenModelError(first.id);
  return { ...resolution, targets: [first, ...fallbacks.filter(({ id }) => allowedIds.has(id))] };
}

/** Returns the list with only the models that the key may use. */
export function restrictModels(list: ModelList, { allowedIds }: KeyAccess): ModelList {
  if (allowedIds === null) return list;
  const { default_model, models, retired } = list;
  const isAllowed = (id: string) => allowedIds.has(id);
  return {
    ...list,
    default_model: default_model !== null && isAllowed(default_model) ? default_model : null,
    models: models.filter(({ id }) => isAllowed(id)).map((model) => ({ ...model, fallbacks: model.fallbacks.filter(isAllowed) })),
    retired: retired.filter(({ id, use }) => isAllowed(id) || isAllowed(use)),
    allowed_ids: [...allowedIds],
  };
}
