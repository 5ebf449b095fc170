import { randomUUIDv7 } from 'node:crypto';
import { createApiKeyValue, hashApiKey } from '@prodigon/platform/configuration';
import type { KeyRecord, NewKey } from '@prodigon/ports';
import { createTestDatabase } from '@prodigon/testing';
import { onTestFinished } from 'vitest';
import { createDatabase } from '../create-database.ts';
import { createPostgresKeyStore } from './postgres-key-store.ts';

export const NO_LIMITS = { requests_per_min: null, tokens_per_min: null, streams: null };
export const NO_BUDGET = { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null };

/** Creates a migrated database and a store of keys. */
export async function openKeyDatabase() {
  const { url, drop } = await createTestDatabase({ isMigrated: true });
  const { db, close } = createDatabase({ url });
  onTestFinished(async () => {
    await close();
    await drop();
  });
  const store = createPostgresKeyStore(db);

  async function create(changes: Partial<NewKey> = {}): Promise<{ key: KeyRecord; value: string }> {
    const value = createApiKeyValue();
    const key = await store.create({
      id: randomUUIDv7(),
      name: 'laptop',
      ownerId: 'ada',
      role: 'member',
      parentId: null,
      expiresAt: null,
      limits: NO_LIMITS,
      budget: NO_BUDGET,
      models: null,
      hash: hashApiKey(value),
      ...changes,
    });
    return { key, value };
  }

  return { url, db, store, create };
}
