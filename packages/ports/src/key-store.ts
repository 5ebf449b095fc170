import type { ApiKeyBudget, ApiKeyLimits, ApiKeyRole } from '@prodigon/contracts';

/** An API key without its value, of which only SHA-256 hashes exist. */
export interface KeyRecord {
  /** A UUID, or `environment:<name>` for a key of API_KEYS. */
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly role: ApiKeyRole;
  /** The key that created this one; null when an admin or the environment did. */
  readonly parentId: string | null;
  /** Null for a key of API_KEYS. */
  readonly createdAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** Until when the value before the last rotation is valid; null without one. */
  readonly previousExpiresAt: Date | null;
  readonly limits: ApiKeyLimits;
  readonly budget: ApiKeyBudget;
  /** Ids and aliases of the only models that the key may use; null for all. */
  readonly models: readonly string[] | null;
}

/** A key and the hashes that authenticate its callers. */
export interface StoredKey extends KeyRecord {
  /** SHA-256 of the value, 32 bytes. Null for a key that was restored from a backup without hashes. */
  readonly hash: Uint8Array | null;
  /** SHA-256 of the value before the last rotation. */
  readonly previousHash: Uint8Array | null;
}

/** A key, as one of its values authenticates it. A change of any key replaces the records of all keys of the database. */
export interface AuthenticatedKey extends KeyRecord {
  /** Set for the value before the last rotation. Whoever has it must not replace or revoke the new one. */
  readonly isValueReplaced?: true;
}

export type NewKey = Omit<KeyRecord, 'createdAt' | 'lastUsedAt' | 'revokedAt' | 'previousExpiresAt'> & {
  readonly hash: Uint8Array;
};

/** Properties that are absent stay as they are, and so do single limits and budgets. */
export type KeyChanges = SomeOf<Pick<KeyRecord, 'name' | 'role' | 'expiresAt' | 'models'>> & {
  readonly limits?: SomeOf<ApiKeyLimits> | undefined;
  readonly budget?: SomeOf<ApiKeyBudget> | undefined;
};

/** Some properties of a type. Undefined means the same as absent. */
type SomeOf<Type> = { readonly [Name in keyof Type]?: Type[Name] | undefined };

/**
 * Stores API keys. `ownerId` restricts a method to the keys of one owner; null allows all. Methods throw
 * `API_KEY_NOT_FOUND` for other keys, and `SERVICE_UNAVAILABLE` without the database.
 */
export interface KeyStore {
  create(key: NewKey): Promise<KeyRecord>;
  /** Newest first, including revoked ones. */
  list(ownerId: string | null): Promise<readonly KeyRecord[]>;
  get(id: string, ownerId: string | null): Promise<KeyRecord>;
  update(id: string, ownerId: string | null, changes: KeyChanges): Promise<KeyRecord>;
  /**
   * Idempotent: a revoked key keeps the time of its revocation. `memberKeyId` is the key of the member that revokes, null for
   * an administrator, whose revocation prevails.
   */
  revoke(id: string, ownerId: string | null, memberKeyId: string | null): Promise<KeyRecord>;
  /**
   * Undoes a revocation of the last `withinMs` milliseconds. Throws `CONFLICT` for an older one. A member can restore only
   * what `memberKeyId` revoked, else this throws `FORBIDDEN`. Null for an administrator.
   */
  restore(id: string, ownerId: string | null, memberKeyId: string | null, withinMs: number): Promise<KeyRecord>;
  /**
   * Replaces the value. The previous one remains valid for `overlapMs` milliseconds. Throws `CONFLICT` for a revoked key, and
   * while the value before the previous one is valid, unless `overlapMs` is zero, which ends all earlier values.
   */
  rotate(id: string, ownerId: string | null, hash: Uint8Array, overlapMs: number): Promise<KeyRecord>;
  /** Returns a number that changes with every change of a key except its last use. */
  version(): Promise<number>;
  /** Returns all keys that are or may become valid, with their hashes. */
  readAll(): Promise<readonly StoredKey[]>;
  /** Records when keys were last used; never moves a time back. */
  recordUse(uses: ReadonlyMap<string, Date>): Promise<void>;
}

/**
 * All keys in memory, for checks of every request. A change appears immediately in the process that called `refresh`, and
 * within five seconds in all others. Promises reject with `SERVICE_UNAVAILABLE` when the database does not respond.
 */
export interface KeyDirectory {
  /**
   * Returns the valid key with this value, else null. Returns a promise while the snapshot is too old or does not have the
   * value, but never for keys of the environment, which work without the database, or for values that are no keys.
   */
  authenticate(value: string): AuthenticatedKey | null | Promise<AuthenticatedKey | null>;
  /** Returns a key while it and its parent are valid, else null. Returns a promise while the snapshot is too old or lacks the key. */
  find(id: string): KeyRecord | null | Promise<KeyRecord | null>;
  /** Returns a key while it and its parent are valid, else null, from the current snapshot, however old it is. */
  findValid(id: string): KeyRecord | null;
  /** Returns a key and its parent, if it has one: the keys whose limits, budgets and allowed models apply. */
  chainOf(key: KeyRecord): readonly KeyRecord[];
  /** Returns the keys of API_KEYS. */
  readonly environmentKeys: readonly KeyRecord[];
  /** Reads all changes that were made before the call. */
  refresh(): Promise<void>;
  /** Calls back after each change of the snapshot. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void;
  close(): Promise<void>;
}
