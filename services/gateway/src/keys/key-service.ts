import { randomUUIDv7 } from 'node:crypto';
import {
  API_KEY_LIMITS,
  type ApiKey,
  type ApiKeyLimits,
  AppError,
  type Caller,
  type CreateApiKeyRequest,
  type CreatedApiKey,
  type UpdateApiKeyRequest,
} from '@prodigon/contracts';
import { createApiKeyValue, hashApiKey, validationError } from '@prodigon/platform';
import type { BudgetStore, CallContext, KeyDirectory, KeyRecord, KeyStore, Principal } from '@prodigon/ports';
import type { ModelCatalog } from '../models/model-catalog.ts';
import { assertMayCreate, assertMayManage, boundRights } from './key-rights.ts';

export interface KeyServiceDependencies {
  store: KeyStore;
  directory: KeyDirectory;
  budgets: Pick<BudgetStore, 'spendingOf'>;
  catalog: Pick<ModelCatalog, 'findUnknown'>;
  isKeyRequired: boolean;
  /** Null for limits that the platform does not have. */
  platformLimits: ApiKeyLimits;
}

export type KeyService = ReturnType<typeof createKeyService>;

const DAY_MS = 86_400_000;
const RESTORE_WITHIN_MS = 600_000;

/** Creates the management of API keys: admins manage all, members those of their owner with at most their own rights. */
export function createKeyService(dependencies: KeyServiceDependencies) {
  const { store, directory, budgets, catalog, isKeyRequired, platformLimits } = dependencies;

  /** Returns the key of a member. Undefined for admins, whose rights nothing bounds. */
  function memberKeyOf({ role, keyId }: Principal): KeyRecord | undefined {
    if (role === 'admin') return undefined;
    const key = keyId === undefined ? null : directory.findValid(keyId);
    if (!key) throw new AppError('UNAUTHENTICATED');
    return key;
  }

  /** Throws `FORBIDDEN` for a value that was replaced, perhaps because somebody else has it. */
  function assertCurrentValue({ isValueReplaced }: Principal): void {
    if (isValueReplaced) throw new AppError('FORBIDDEN', 'This value of your key was replaced. Use the new one to manage keys.');
  }

  const ownerFilter = ({ role, id }: Principal) => (role === 'admin' ? null : id);

  const visibleEnvironmentKeys = (principal: Principal) =>
    directory.environmentKeys.filter(({ ownerId }) => principal.role === 'admin' || ownerId === principal.id);

  async function find(id: string, principal: Principal): Promise<KeyRecord> {
    return visibleEnvironmentKeys(principal).find((key) => key.id === id) ?? (await store.get(id, ownerFilter(principal)));
  }

  /** Returns a key that may be changed. */
  async function findStored(id: string, principal: Principal): Promise<KeyRecord> {
    assertCurrentValue(principal);
    const key = await find(id, principal);
    if (key.createdAt === null) throw new AppError('CONFLICT', 'This key is set in API_KEYS. Change it there.');
    return key;
  }

  async function findManaged(id: string, principal: Principal): Promise<KeyRecord> {
    const own = memberKeyOf(principal);
    const key = await findStored(id, principal);
    if (own) assertMayManage(own, key, platformLimits);
    return key;
  }

  /** Throws `CONFLICT` if a valid key of the owner has the name. People and reports tell the keys of an owner apart by it. */
  async function assertNameIsFree(name: string, owner: string, exceptId?: string): Promise<void> {
    const keys = [...(await store.list(owner)), ...directory.environmentKeys.filter(({ ownerId }) => ownerId === owner)];
    const isValid = ({ revokedAt, expiresAt, parentId }: KeyRecord): boolean => {
      if (revokedAt !== null || (expiresAt !== null && expiresAt.getTime() <= Date.now())) return false;
      const parent = keys.find(({ id }) => id === parentId);
      return parent === undefined || isValid(parent);
    };
    const other = keys.find((key) => key.name === name && key.id !== exceptId && isValid(key));
    if (!other) return;
    const sentence = `The valid key ${other.id} of the owner ${JSON.stringify(owner)} has the name ${JSON.stringify(name)}.`;
    throw new AppError('CONFLICT', `${sentence} Choose another name, or revoke that key first.`);
  }

  /** Throws `CONFLICT` for members with many keys, because every change makes all services read all keys. Ended keys count for a day. */
  async function assertMoreKeysFit(owner: string): Promise<void> {
    const since = Date.now() - DAY_MS;
    const endOf = ({ revokedAt, expiresAt }: KeyRecord) => (revokedAt ?? expiresAt)?.getTime() ?? Number.POSITIVE_INFINITY;
    const keys = (await store.list(owner)).filter((key) => endOf(key) > since);
    if (keys.length < API_KEY_LIMITS.keysPerOwnerMax) return;
    throw new AppError(
      'CONFLICT',
      `The owner ${JSON.stringify(owner)} has ${keys.length} keys. An administrator can create more.`,
    );
  }

  /** Throws `VALIDATION_ERROR` for a model that does not exist. Accepts all while the model service cannot be reached. */
  async function assertModelsExist(models: readonly string[] | null | undefined, context: CallContext): Promise<void> {
    const unknown = models ? await catalog.findUnknown(models, context).catch(() => []) : [];
    if (unknown.length === 0) return;
    const names = unknown.map((name) => JSON.stringify(name)).join(', ');
    throw validationError([
      { path: 'models', message: `The platform does not offer ${names}. GET /api/v1/models lists its models` },
    ]);
  }

  /** A key may revoke and rotate itself. It gains nothing. */
  async function findManagedOrOwn(id: string, principal: Principal): Promise<KeyRecord> {
    return id === principal.keyId ? findStored(id, principal) : findManaged(id, principal);
  }

  /** Applies a change in this process. If the database fails now, the change applies within five seconds. */
  const refresh = () => directory.refresh().catch(() => {});

  async function describe(keys: readonly KeyRecord[]): Promise<ApiKey[]> {
    const storedIds = keys.flatMap(({ id, createdAt }) => (createdAt ? [id] : []));
    const spending = storedIds.length > 0 ? await budgets.spendingOf(storedIds) : new Map();
    return keys.map((key) => ({ ...toApiKey(key), spending: spending.get(key.id) ?? null }));
  }

  async function describeOne(key: KeyRecord): Promise<ApiKey> {
    const [described] = await describe([key]);
    return described as ApiKey;
  }

  /** Returns the key with its value even if the database fails now, because nobody can ask for the value again. */
  async function applyAndReveal(key: KeyRecord, value: string): Promise<CreatedApiKey> {
    await refresh();
    const described = await describeOne(key).catch(() => ({ ...toApiKey(key), spending: null }));
    return { ...described, key: value };
  }

  return {
    async list(principal: Principal): Promise<ApiKey[]> {
      return describe([...(await store.list(ownerFilter(principal))), ...visibleEnvironmentKeys(principal)]);
    },

    async get(id: string, principal: Principal): Promise<ApiKey> {
      return describeOne(await find(id, principal));
    },

    async create(request: CreateApiKeyRequest, context: CallContext): Promise<CreatedApiKey> {
      const { principal } = context;
      const { name, owner = principal.id, role, limits, budget } = request;
      assertCurrentValue(principal);
      const own = memberKeyOf(principal);
      const wanted = { expiresAt: futureDate(request.expires_at), models: request.models };
      if (own) {
        assertMayCreate(own);
        if (owner !== principal.id) throw new AppError('FORBIDDEN', 'Only admins may create keys for other owners.');
        if (role !== 'member') throw new AppError('FORBIDDEN', 'Only admins may create keys with the role admin.');
      }
      if (own) await assertMoreKeysFit(principal.id);
      const bound = own && boundRights(own, { ...wanted, limits }, platformLimits);
      await assertModelsExist(request.models, context);
      await assertNameIsFree(name, owner);
      const value = createApiKeyValue();
      const key = await store.create({
        ...wanted,
        ...bound,
        id: randomUUIDv7(),
        name,
        ownerId: owner,
        role,
        parentId: own?.createdAt ? own.id : null,
        limits,
        budget,
        hash: hashApiKey(value),
      });
      return applyAndReveal(key, value);
    },

    async update(id: string, request: UpdateApiKeyRequest, context: CallContext): Promise<ApiKey> {
      const { principal } = context;
      const { name, role, expires_at, limits, budget, models, revoked } = request;
      const own = memberKeyOf(principal);
      const { name: currentName, ownerId } = await findManaged(id, principal);
      if (own && role === 'admin') throw new AppError('FORBIDDEN', 'Only admins may make a key an admin key.');
      const wanted = { expiresAt: expires_at === undefined ? undefined : futureDate(expires_at), models, limits };
      const changes = { name, role, budget, ...wanted, ...(own && boundRights(own, wanted, platformLimits)) };
      await assertModelsExist(models, context);
      const filter = ownerFilter(principal);
      // A key can also become valid again by a later expiry.
      if (name !== undefined || expires_at !== undefined || revoked === false)
        await assertNameIsFree(name ?? currentName, ownerId, id);
      if (revoked === false) await store.restore(id, filter, own?.id ?? null, RESTORE_WITHIN_MS);
      const key = await store.update(id, filter, changes);
      await refresh();
      return describeOne(key);
    },

    /** Revokes the key before it returns: this process does not accept it any more. */
    async revoke(id: string, principal: Principal): Promise<ApiKey> {
      await findManagedOrOwn(id, principal);
      const key = await store.revoke(id, ownerFilter(principal), memberKeyOf(principal)?.id ?? null);
      await directory.refresh();
      return describeOne(key);
    },

    async rotate(id: string, overlapSeconds: number, principal: Principal): Promise<CreatedApiKey> {
      await findManagedOrOwn(id, principal);
      const value = createApiKeyValue();
      const key = await store.rotate(id, ownerFilter(principal), hashApiKey(value), overlapSeconds * 1_000);
      return applyAndReveal(key, value);
    },

    async describeCaller({ id: owner, role = 'member', keyId }: Principal): Promise<Caller> {
      const key = keyId === undefined ? null : directory.findValid(keyId);
      return { owner, role, key: key && (await describeOne(key)), requires_key: isKeyRequired };
    },
  };
}

/** Throws `VALIDATION_ERROR` for a time in the past. */
function futureDate(text: string | null): Date | null {
  if (text === null) return null;
  const date = new Date(text);
  if (date.getTime() <= Date.now()) throw validationError([{ path: 'expires_at', message: 'Must be in the future' }]);
  return date;
}

function toApiKey(key: KeyRecord): Omit<ApiKey, 'spending'> {
  const iso = (date: Date | null) => date?.toISOString() ?? null;
  return {
    id: key.id,
    name: key.name,
    owner: key.ownerId,
    role: key.role,
    parent_id: key.parentId,
    created_at: iso(key.createdAt),
    last_used_at: iso(key.lastUsedAt),
    expires_at: iso(key.expiresAt),
    revoked_at: iso(key.revokedAt),
    previous_expires_at: iso(key.previousExpiresAt),
    limits: key.limits,
    budget: key.budget,
    models: key.models && [...key.models],
  };
}
