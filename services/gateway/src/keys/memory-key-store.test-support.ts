import { AppError } from '@prodigon/contracts';
import { createApiKeyValue, hashApiKey, parseEnvironmentKey } from '@prodigon/platform';
import type { KeyRecord, KeyStore, NewKey, StoredKey } from '@prodigon/ports';
import { createKeyDirectory } from '@prodigon/storage';

/** Creates a store of keys in memory. */
export function createMemoryKeyStore(): KeyStore {
  const keys = new Map<string, StoredKey>();
  const revokedBy = new Map<string, string | null>();
  let version = 0;

  function find(id: string, ownerId: string | null): StoredKey {
    const key = keys.get(id);
    if (!key || (ownerId !== null && key.ownerId !== ownerId)) throw new AppError('API_KEY_NOT_FOUND');
    return key;
  }

  function save(key: StoredKey): KeyRecord {
    version += 1;
    keys.set(key.id, key);
    return toRecord(key);
  }

  return {
    create: async (key) =>
      save({ ...key, createdAt: new Date(), lastUsedAt: null, revokedAt: null, previousExpiresAt: null, previousHash: null }),
    list: async (ownerId) =>
      [...keys.values()]
        .filter((key) => ownerId === null || key.ownerId === ownerId)
        .map(toRecord)
        .reverse(),
    get: async (id, ownerId) => toRecord(find(id, ownerId)),
    async update(id, ownerId, { limits, budget, ...changes }) {
      const key = find(id, ownerId);
      return save({
        ...key,
        ...withoutUndefined(changes),
        limits: { ...key.limits, ...withoutUndefined(limits ?? {}) },
        budget: { ...key.budget, ...withoutUndefined(budget ?? {}) },
      });
    },
    async revoke(id, ownerId, memberKeyId) {
      const key = find(id, ownerId);
      if (!key.revokedAt || memberKeyId === null) revokedBy.set(id, memberKeyId);
      return save({ ...key, revokedAt: key.revokedAt ?? new Date() });
    },
    async restore(id, ownerId, memberKeyId) {
      const key = find(id, ownerId);
      if (key.revokedAt && memberKeyId !== null && revokedBy.get(id) !== memberKeyId) throw new AppError('FORBIDDEN');
      return save({ ...key, revokedAt: null });
    },
    async rotate(id, ownerId, hash, overlapMs) {
      const key = find(id, ownerId);
      const isOverlapping = key.previousExpiresAt !== null && key.previousExpiresAt.getTime() > Date.now();
      if (key.revokedAt || (overlapMs > 0 && isOverlapping)) throw new AppError('CONFLICT');
      return save({ ...key, hash, previousHash: key.hash, previousExpiresAt: new Date(Date.now() + overlapMs) });
    },
    version: async () => version,
    readAll: async () => [...keys.values()].filter(({ revokedAt }) => revokedAt === null),
    recordUse: async () => {},
  };
}

function toRecord({ hash: _, previousHash: __, ...key }: StoredKey): KeyRecord {
  return key;
}

function withoutUndefined<Value extends object>(values: Value): Partial<{ [Name in keyof Value]: NonNullable<Value[Name]> }> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

/** Creates keys in memory, and the directories of several gateways over them. `items` are those of API_KEYS. */
export function createMemoryKeys(...items: string[]) {
  const store = createMemoryKeyStore();
  const clock = { elapsedMs: 0 };
  const openDirectory = () =>
    createKeyDirectory({ environmentKeys: items.map(parseEnvironmentKey), store, monotonicNow: () => clock.elapsedMs });
  let count = 0;

  /** Creates a key, and returns its record and value. */
  async function create(changes: Partial<NewKey> = {}): Promise<{ key: KeyRecord; value: string }> {
    count += 1;
    const value = createApiKeyValue();
    const key = await store.create({
      id: `01989f3e-2a54-7c3b-9d0e-${String(count).padStart(12, '0')}`,
      name: `key ${count}`,
      ownerId: 'ada',
      role: 'member',
      parentId: null,
      expiresAt: null,
      limits: { requests_per_min: null, tokens_per_min: null, streams: null },
      budget: { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null },
      models: null,
      hash: hashApiKey(value),
      ...changes,
    });
    return { key, value };
  }

  return { store, directory: openDirectory(), openDirectory, create, advance: (ms: number) => (clock.elapsedMs += ms) };
}
