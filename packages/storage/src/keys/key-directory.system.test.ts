import { createApiKeyValue, hashApiKey } from '@prodigon/platform/configuration';
import type { KeyRecord, KeyStore } from '@prodigon/ports';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openKeyDatabase } from './key-database.test-support.ts';
import { createKeyDirectory } from './key-directory.ts';

/** Later than the time of the database, which leaves out expired keys. */
const START = Date.parse('2040-03-10T12:00:00Z');

/** Creates the directories of several processes over one database, with one clock. */
async function open() {
  const { store, create } = await openKeyDatabase();
  let elapsedMs = 0;
  const now = () => START + elapsedMs;
  function openDirectory(changes: Partial<KeyStore> = {}) {
    const directory = createKeyDirectory({
      environmentKeys: [{ name: 'grace', role: 'admin', value: 'key-of-grace-0123456789' }],
      store: { ...store, ...changes },
      now,
      monotonicNow: () => elapsedMs,
    });
    onTestFinished(() => directory.close());
    return directory;
  }
  return { store, create, openDirectory, now, advance: (ms: number) => (elapsedMs += ms) };
}

const down = () => Promise.reject(new Error('down'));

it('authenticates a key that exists and no other value', async () => {
  const { create, openDirectory } = await open();
  const { key, value } = await create();
  const directory = openDirectory();
  expect(await directory.authenticate(value)).toEqual(key);
  expect(await directory.authenticate(createApiKeyValue())).toBeNull();
});

it('rejects a value with a wrong checksum or without the prefix before any query', async () => {
  const { openDirectory } = await open();
  const version = vi.fn(down);
  const directory = openDirectory({ version });
  for (const value of ['sk-other', 'prodigon_short', `${createApiKeyValue()}x`]) expect(directory.authenticate(value)).toBeNull();
  expect(version).not.toHaveBeenCalled();
});

it('serves from memory for three seconds, then reads the version in the background', async () => {
  const { store, create, openDirectory, advance } = await open();
  const { key, value } = await create();
  const version = vi.fn(store.version);
  const readAll = vi.fn(store.readAll);
  const directory = openDirectory({ version, readAll });
  await directory.authenticate(value);
  advance(2_999);
  expect(directory.authenticate(value)).toEqual(key);
  expect(version).toHaveBeenCalledTimes(1);
  advance(1);
  expect(directory.authenticate(value)).toEqual(key);
  expect(directory.authenticate(value)).toEqual(key);
  expect(version).toHaveBeenCalledTimes(2);
  await version.mock.results[1]?.value;
  expect(readAll).toHaveBeenCalledTimes(1);
});

it('refuses a revoked key immediately after a refresh and within five seconds in another process', async () => {
  const { store, create, openDirectory, advance } = await open();
  const { key, value } = await create();
  const [own, other] = [openDirectory(), openDirectory()];
  await Promise.all([own.authenticate(value), other.authenticate(value)]);
  await store.revoke(key.id, null, null);
  await own.refresh();
  expect(own.findValid(key.id)).toBeNull();
  expect(await own.authenticate(value)).toBeNull();
  advance(5_000);
  expect(await other.authenticate(value)).toBeNull();
  await store.restore(key.id, null, null, 600_000);
  advance(5_000);
  expect(await other.authenticate(value)).toMatchObject({ id: key.id });
});

it('accepts a key that another process has just created', async () => {
  const { create, openDirectory } = await open();
  const directory = openDirectory();
  await directory.refresh();
  const { key, value } = await create();
  expect(await directory.authenticate(value)).toEqual(key);
  const other = await create();
  expect(await directory.find(other.key.id)).toEqual(other.key);
});

it('reads again when a change happens during a reading', async () => {
  const { store, create, openDirectory } = await open();
  const { key, value } = await create();
  const started = Promise.withResolvers<void>();
  const blocked = Promise.withResolvers<void>();
  const readAll = vi.fn(store.readAll).mockImplementationOnce(async () => {
    const keys = await store.readAll();
    started.resolve();
    await blocked.promise;
    return keys;
  });
  const directory = openDirectory({ readAll });
  const first = directory.authenticate(value);
  await started.promise;
  await store.revoke(key.id, null, null);
  const refreshed = directory.refresh();
  blocked.resolve();
  await Promise.all([first, refreshed]);
  expect(directory.findValid(key.id)).toBeNull();
});

it('keeps accepting known keys for five seconds without the database, then fails closed', async () => {
  const { store, create, openDirectory, advance } = await open();
  const { key, value } = await create();
  const version = vi.fn(store.version);
  const directory = openDirectory({ version });
  await directory.authenticate(value);
  version.mockImplementation(down);
  advance(4_999);
  expect(directory.authenticate(value)).toEqual(key);
  await version.mock.results[1]?.value.catch(() => {});
  advance(1);
  await expect(directory.authenticate(value)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 });
  expect(directory.findValid(key.id)).toEqual(key);
  expect(directory.authenticate('key-of-grace-0123456789')).toMatchObject({ ownerId: 'grace', role: 'admin' });
  version.mockImplementation(store.version);
  expect(await directory.authenticate(value)).toEqual(key);
});

it('fails closed when the database does not respond', async () => {
  const { openDirectory } = await open();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const directory = openDirectory({ version: () => new Promise(() => {}) });
  const authenticated = directory.authenticate(createApiKeyValue());
  vi.advanceTimersByTime(5_000);
  await expect(authenticated).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});

it('checks the expiry of a key and its parent at each call', async () => {
  const { create, openDirectory, advance } = await open();
  const parent = await create({ expiresAt: new Date(START + 2_000) });
  const child = await create({ parentId: parent.key.id });
  const directory = openDirectory();
  const found = (await directory.authenticate(child.value)) as KeyRecord;
  expect(directory.chainOf(found)).toEqual([child.key, parent.key]);
  advance(1_999);
  expect(directory.authenticate(child.value)).toEqual(child.key);
  advance(1);
  expect(directory.authenticate(child.value)).toBeNull();
  expect(directory.findValid(parent.key.id)).toBeNull();
});

it('refuses the keys that a revoked key has created', async () => {
  const { store, create, openDirectory } = await open();
  const parent = await create();
  const child = await create({ parentId: parent.key.id });
  const directory = openDirectory();
  expect(await directory.authenticate(child.value)).toEqual(child.key);
  await store.revoke(parent.key.id, null, null);
  await directory.refresh();
  expect(directory.authenticate(child.value)).toBeNull();
  expect(directory.findValid(child.key.id)).toBeNull();
  expect(directory.find(child.key.id)).toBeNull();
});

it('accepts the previous value of a rotated key until the end of the overlap', async () => {
  const { store, create, openDirectory, now, advance } = await open();
  const { key, value } = await create();
  const next = createApiKeyValue();
  // The database adds the overlap to its own time.
  await store.rotate(key.id, null, hashApiKey(next), now() - Date.now() + 3_600_000);
  const directory = openDirectory();
  expect(await directory.authenticate(value)).toMatchObject({ id: key.id });
  expect(directory.authenticate(next)).toMatchObject({ id: key.id });
  advance(7_200_000);
  await directory.refresh();
  expect(directory.authenticate(value)).toBeNull();
  expect(directory.authenticate(next)).toMatchObject({ id: key.id });
});

it('calls back after changes only', async () => {
  const { create, openDirectory } = await open();
  const directory = openDirectory();
  const listener = vi.fn();
  const unsubscribe = directory.subscribe(listener);
  await directory.refresh();
  await directory.refresh();
  expect(listener).toHaveBeenCalledTimes(1);
  await create();
  await directory.refresh();
  expect(listener).toHaveBeenCalledTimes(2);
  unsubscribe();
  await create();
  await directory.refresh();
  expect(listener).toHaveBeenCalledTimes(2);
});

it('records uses at most once a minute, and the last ones when it closes', async () => {
  const { store, create, openDirectory, advance, now } = await open();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { key, value } = await create();
  const recordUse = vi.fn(store.recordUse);
  const directory = openDirectory({ recordUse });
  await directory.authenticate(value);
  vi.advanceTimersByTime(0);
  await recordUse.mock.results[0]?.value;
  expect((await store.get(key.id, null)).lastUsedAt).toEqual(new Date(START));
  advance(2_000);
  directory.authenticate(value);
  vi.advanceTimersByTime(57_999);
  expect(recordUse).toHaveBeenCalledTimes(1);
  await directory.close();
  expect((await store.get(key.id, null)).lastUsedAt).toEqual(new Date(now()));
  vi.advanceTimersByTime(120_000);
  expect(recordUse).toHaveBeenCalledTimes(2);
});

it('knows only the keys of API_KEYS without a database', () => {
  const environmentKeys = [
    { name: null, role: 'member' as const, value: 'a-bare-key-0123456789' },
    { name: 'ada', role: 'member' as const, value: 'key-of-ada-0123456789' },
  ];
  const directory = createKeyDirectory({ environmentKeys, store: null });
  const [bare] = directory.environmentKeys;
  expect(bare?.ownerId).toMatch(/^key-[a-z2-7]{10}$/);
  expect(bare).toMatchObject({ id: `environment:${bare?.ownerId}`, name: bare?.ownerId });
  expect(directory.authenticate('a-bare-key-0123456789')).toEqual(bare);
  expect(directory.findValid('environment:ada')).toMatchObject({ ownerId: 'ada' });
  expect(directory.authenticate(createApiKeyValue())).toBeNull();
  const reordered = createKeyDirectory({ environmentKeys: environmentKeys.toReversed(), store: null });
  expect(reordered.environmentKeys.map(({ ownerId }) => ownerId)).toEqual(['ada', bare?.ownerId]);
});
