import { hash, timingSafeEqual } from 'node:crypto';
import { AppError, isEnvironmentKey } from '@prodigon/contracts';
import { type EnvironmentKey, hashApiKey, isApiKeyValue } from '@prodigon/platform/configuration';
import type { AuthenticatedKey, KeyDirectory, KeyRecord, KeyStore, StoredKey } from '@prodigon/ports';
import { toKeyRecord } from './environment-keys.ts';
import { createUseRecorder } from './use-recorder.ts';

export interface KeyDirectoryOptions {
  readonly environmentKeys: readonly EnvironmentKey[];
  /** Null without a database. */
  readonly store: Pick<KeyStore, 'version' | 'readAll' | 'recordUse'> | null;
  /** Milliseconds since 1970, for the expiry of keys. */
  readonly now?: () => number;
  /** Milliseconds of a clock that never goes back, for the age of the snapshot. */
  readonly monotonicNow?: () => number;
}

/** Reads the version in the background when the last one is older. */
const REFRESH_AFTER_MS = 3_000;
/** Waits for the version when the last one is older. */
const AGE_MS_MAX = 5_000;
/** Long enough for the first connection of a process on a busy machine. */
const REFRESH_TIMEOUT_MS = 5_000;

/** Bounds the memory of verified values. */
const VERIFIED_MAX = 1_000;

interface Credential {
  readonly digest: Buffer;
  readonly key: AuthenticatedKey;
  /** Milliseconds since 1970 from which the value is not valid, whatever the key is. */
  readonly endsAt: number;
}

interface Snapshot {
  readonly version: number;
  readonly byId: ReadonlyMap<string, KeyRecord>;
  readonly byDigest: ReadonlyMap<Digest, Credential>;
}

const EMPTY: Snapshot = { version: Number.NaN, byId: new Map(), byDigest: new Map() };

/** Creates a directory of all keys. It reads nothing before its first use, and has no timer while nobody uses it. */
export function createKeyDirectory(options: KeyDirectoryOptions): KeyDirectory {
  const { store, now = Date.now, monotonicNow = performance.now.bind(performance) } = options;
  const environment = options.environmentKeys.map(
    (key): Credential => ({ digest: hashApiKey(key.value), key: toKeyRecord(key), endsAt: Number.POSITIVE_INFINITY }),
  );
  const environmentByDigest = indexByDigest(environment);
  const environmentById = new Map(environment.map(({ key }) => [key.id, key]));
  const uses = createUseRecorder({ store, now });
  const listeners = new Set<() => void>();
  let snapshot = EMPTY;
  /**
   * The credentials of values whose hash was compared since the last reading, because a hash takes longer than the rest of
   * the check. Other values learn nothing from the time of a lookup: its hashes have a random seed.
   */
  const verified = new Map<string, Credential>();
  /** When the last successful reading began. */
  let readAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;
  let following: Promise<void> | undefined;

  async function read(): Promise<void> {
    if (!store) return;
    const startedAt = monotonicNow();
    // A change between the two queries is read again with the next version.
    const version = await store.version();
    const isChanged = version !== snapshot.version;
    if (isChanged) snapshot = createSnapshot(version, await store.readAll());
    verified.clear();
    readAt = startedAt;
    if (isChanged) for (const listener of listeners) listener();
  }

  function startReading(): Promise<void> {
    running ??= read().finally(() => {
      running = undefined;
    });
    return running;
  }

  /** Starts after a reading that may have missed the latest change. */
  function readAgain(): Promise<void> {
    if (!running) return startReading();
    following ??= running
      .catch(() => {})
      .then(() => {
        following = undefined;
        return startReading();
      });
    return following;
  }

  /** Returns undefined when the snapshot is new enough. */
  function refreshIfOld(): Promise<void> | undefined {
    if (!store) return undefined;
    const ageMs = monotonicNow() - readAt;
    if (ageMs < REFRESH_AFTER_MS) return undefined;
    const reading = startReading();
    if (ageMs >= AGE_MS_MAX) return withTimeout(reading);
    reading.catch(() => {});
    return undefined;
  }

  function findValid(id: string): KeyRecord | null {
    const key = environmentById.get(id) ?? snapshot.byId.get(id);
    return key && isValid(key) ? key : null;
  }

  function isValid({ revokedAt, expiresAt, parentId }: KeyRecord): boolean {
    if (revokedAt !== null || (expiresAt !== null && expiresAt.getTime() <= now())) return false;
    return parentId === null || findValid(parentId) !== null;
  }

  function findCredential(value: string): Credential | undefined {
    const known = verified.get(value);
    if (known) return known;
    const digest = digestOf(value);
    const found = match(environmentByDigest, digest) ?? match(snapshot.byDigest, digest);
    if (found) {
      if (verified.size >= VERIFIED_MAX) verified.clear();
      verified.set(value, found);
    }
    return found;
  }

  /** Returns the key of a credential of the current snapshot while it is valid. */
  function accept(credential: Credential | undefined): AuthenticatedKey | null {
    if (!credential || credential.endsAt <= now() || !isValid(credential.key)) return null;
    uses.add(credential.key.id);
    return credential.key;
  }

  /** Returns undefined when the snapshot is new enough. Reads again for a key that another process may just have created. */
  function refreshFor(isKnown: boolean): Promise<void> | undefined {
    return refreshIfOld() ?? (store && !isKnown ? withTimeout(readAgain()) : undefined);
  }

  return {
    authenticate(value) {
      const credential = findCredential(value);
      if (credential && isEnvironmentKey(credential.key.id)) return credential.key;
      if (!credential && !isApiKeyValue(value)) return null;
      const refreshed = refreshFor(credential !== undefined);
      return refreshed ? refreshed.then(() => accept(findCredential(value))) : accept(credential);
    },
    find(id) {
      if (isEnvironmentKey(id)) return environmentById.get(id) ?? null;
      const refreshed = refreshFor(snapshot.byId.has(id));
      return refreshed ? refreshed.then(() => findValid(id)) : findValid(id);
    },
    findValid,
    chainOf(key) {
      const parent = key.parentId === null ? undefined : snapshot.byId.get(key.parentId);
      return parent ? [key, parent] : [key];
    },
    environmentKeys: environment.map(({ key }) => key),
    refresh: () => withTimeout(readAgain()),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => uses.close(),
  };
}

function createSnapshot(version: number, keys: readonly StoredKey[]): Snapshot {
  const byId = new Map<string, KeyRecord>();
  const credentials: Credential[] = [];
  for (const { hash, previousHash, ...key } of keys) {
    byId.set(key.id, key);
    if (hash) credentials.push({ digest: Buffer.from(hash), key, endsAt: Number.POSITIVE_INFINITY });
    if (previousHash && key.previousExpiresAt)
      credentials.push({
        digest: Buffer.from(previousHash),
        key: { ...key, isValueReplaced: true },
        endsAt: key.previousExpiresAt.getTime(),
      });
  }
  return { version, byId, byDigest: indexByDigest(credentials) };
}

/** A SHA-256 hash with a byte in each character, which costs a third of a buffer and is the key of a map. */
type Digest = string;

const digestOf = (value: string): Digest => hash('sha256', value, 'binary');

const indexByDigest = (credentials: readonly Credential[]) =>
  new Map(credentials.map((credential) => [credential.digest.toString('latin1'), credential]));

/** The lookup reveals at most something about the digest. The comparison takes the same time for every digest. */
function match(credentials: ReadonlyMap<Digest, Credential>, digest: Digest): Credential | undefined {
  const found = credentials.get(digest);
  return found && timingSafeEqual(found.digest, Buffer.from(digest, 'latin1')) ? found : undefined;
}

/** Rejects when the database does not respond in time. The reading continues. */
async function withTimeout(reading: Promise<void>): Promise<void> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new AppError('SERVICE_UNAVAILABLE')), REFRESH_TIMEOUT_MS);
  try {
    await Promise.race([reading, timeout]);
  } catch (thrown) {
    reading.catch(() => {});
    throw new AppError('SERVICE_UNAVAILABLE', 'API keys cannot be checked, because the database does not respond.', {
      cause: thrown,
      retryAfterSeconds: 1,
    });
  } finally {
    clearTimeout(timer);
  }
}
