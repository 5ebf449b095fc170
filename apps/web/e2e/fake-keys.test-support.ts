import {
  type ApiKey,
  type Caller,
  type CreateApiKeyRequestInput,
  createApiKeyRequestSchema,
  rotateApiKeyRequestSchema,
  type UpdateApiKeyRequest,
} from '@prodigon/contracts';
import type { Page, Route } from 'playwright-core';

const DAY_MS = 86_400_000;
const NO_LIMITS: ApiKey['limits'] = { requests_per_min: null, tokens_per_min: null, streams: null };
const NO_BUDGET: ApiKey['budget'] = { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null };

/** The time that many milliseconds from now. */
export const isoAfter = (ms: number) => new Date(Date.now() + ms).toISOString();

export function fakeKey(changes: Partial<ApiKey> = {}): ApiKey {
  const resets_at = isoAfter(DAY_MS);
  return {
    id: changes.name ?? 'ci',
    name: 'ci',
    owner: 'ada',
    role: 'member',
    parent_id: null,
    created_at: isoAfter(-DAY_MS),
    last_used_at: isoAfter(-3 * 3_600_000),
    expires_at: null,
    revoked_at: null,
    previous_expires_at: null,
    limits: NO_LIMITS,
    budget: NO_BUDGET,
    models: null,
    spending: { day: { tokens: 12_340, usd: 0.42, resets_at }, month: { tokens: 98_760, usd: 3.1, resets_at } },
    ...changes,
  };
}

/** Keys in every state. */
export const KEYS: readonly ApiKey[] = [
  fakeKey({
    name: 'nightly batch of the evaluation team',
    limits: { requests_per_min: 60, tokens_per_min: 200_000, streams: 4 },
    budget: { usd_per_day: 0.5, usd_per_month: 10, tokens_per_day: 12_000, tokens_per_month: null },
    models: ['vendor/model-that-is-ok', 'fast', 'vendor/another-model', 'and/one-more'],
    previous_expires_at: isoAfter(DAY_MS),
    expires_at: isoAfter(9 * DAY_MS),
  }),
  fakeKey({ name: 'laptop', owner: 'grace', role: 'admin', last_used_at: null }),
  fakeKey({ name: 'old', expires_at: isoAfter(-DAY_MS) }),
  fakeKey({ name: 'child of old', parent_id: 'old', spending: null }),
  fakeKey({ name: 'gone', revoked_at: isoAfter(-60_000) }),
  fakeKey({ name: 'long gone', revoked_at: isoAfter(-DAY_MS) }),
  fakeKey({
    id: 'environment:ops',
    name: 'ops',
    owner: 'ops',
    role: 'admin',
    created_at: null,
    last_used_at: null,
    spending: null,
  }),
];

export interface FakeKeys {
  keys: ApiKey[];
  /** The bodies of POST and PATCH requests. */
  readonly bodies: unknown[];
  /** The error of the next change; the server then accepts changes again. */
  failure: { status: number; code: string; message: string; details?: { path: string; message: string }[] } | null;
}

export const ANONYMOUS: Caller = { owner: 'local', role: 'admin', key: null, requires_key: false };

/** Serves the API of keys in the page, with its rules as far as the web UI depends on them. */
export async function withKeys(page: Page, keys: readonly ApiKey[] = KEYS, caller: Caller = ANONYMOUS): Promise<FakeKeys> {
  const fake: FakeKeys = { keys: [...keys], bodies: [], failure: null };
  const update = (id: string, changes: Partial<ApiKey>) => {
    fake.keys = fake.keys.map((key) => (key.id === id ? { ...key, ...changes } : key));
    return fake.keys.find((key) => key.id === id);
  };
  await page.route('**/api/v1/me', (route) => route.fulfill({ json: caller }));
  await page.route(/\/api\/v1\/keys(?:\/.*)?$/, (route) => {
    const method = route.request().method();
    if (method === 'GET') return route.fulfill({ json: { keys: fake.keys } });
    if (fake.failure) return fail(route, fake);
    const [id = '', action] = new URL(route.request().url()).pathname.split('/').slice(4).map(decodeURIComponent);
    if (method === 'DELETE') return route.fulfill({ json: update(id, { revoked_at: isoAfter(0) }) });
    const body: unknown = route.request().postDataJSON();
    fake.bodies.push(body);
    if (action === 'rotate') {
      const { overlap_seconds } = rotateApiKeyRequestSchema.parse(body);
      const rotated = update(id, { previous_expires_at: isoAfter(overlap_seconds * 1_000) });
      return route.fulfill({ json: { ...rotated, key: 'prodigon_rotated-value' } });
    }
    if (method === 'PATCH') return route.fulfill({ json: update(id, changesOf(fake.keys, id, body as UpdateApiKeyRequest)) });
    const created = createKey(body as CreateApiKeyRequestInput, caller);
    fake.keys = [created, ...fake.keys];
    return route.fulfill({ status: 201, json: { ...created, key: 'prodigon_value-of-this-key' } });
  });
  return fake;
}

function fail(route: Route, fake: FakeKeys): Promise<void> {
  const { status, ...error } = fake.failure ?? { status: 500 };
  fake.failure = null;
  return route.fulfill({ status, json: { error: { ...error, request_id: 'r' } } });
}

function changesOf(
  keys: readonly ApiKey[],
  id: string,
  { revoked, limits, budget, ...rest }: UpdateApiKeyRequest,
): Partial<ApiKey> {
  const key = keys.find((each) => each.id === id) ?? fakeKey();
  return {
    ...(rest as Partial<ApiKey>),
    ...(revoked === false && { revoked_at: null }),
    limits: { ...key.limits, ...(limits as Partial<ApiKey['limits']>) },
    budget: { ...key.budget, ...(budget as Partial<ApiKey['budget']>) },
  };
}

function createKey(body: CreateApiKeyRequestInput, caller: Caller): ApiKey {
  const { owner = caller.owner, ...request } = createApiKeyRequestSchema.parse(body);
  return fakeKey({ ...request, id: request.name, owner, last_used_at: null });
}
