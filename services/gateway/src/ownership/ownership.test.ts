import { createSimulatorProvider } from '@prodigon/model-providers';
import type { FastifyContextConfig } from 'fastify';
import fp from 'fastify-plugin';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeAfterAll, startPlatform } from '../gateway-harness.test-support.ts';
import { createMemoryKeys } from '../keys/memory-key-store.test-support.ts';
import { OWNERSHIP_CASES, type OwnershipCase } from './ownership-cases.test-support.ts';

const ADMIN = 'key-of-the-admin-0123456789';
const MEMBERS = ['key-of-the-member-ada-0123456789', 'key-of-the-member-bob-0123456789'] as const;

type RouteAccess = FastifyContextConfig['access'];

interface Route {
  readonly name: string;
  readonly access: RouteAccess;
}

/** Starts a gateway, and collects its routes. Fastify adds a HEAD route to each GET route, whose case is the same. */
async function start(onClose: ReturnType<typeof closeAfterAll>) {
  const routes: Route[] = [];
  const collectRoutes = fp(async (app) => {
    app.addHook('onRoute', (route) => {
      for (const method of [route.method].flat())
        if (method !== 'HEAD') routes.push({ name: `${method} ${route.url}`, access: route.config?.access });
    });
  });
  const platform = await startPlatform(
    {
      topology: 'in one process',
      providers: [{ endpoints: [createSimulatorProvider()] }],
      isKeyRequired: true,
      keys: createMemoryKeys(`root:admin=${ADMIN}`, `ada=${MEMBERS[0]}`, `bob=${MEMBERS[1]}`),
      plugins: [collectRoutes],
    },
    onClose,
  );
  async function call(route: string, key: string | null, { body, headers }: { body?: object; headers?: object } = {}) {
    const [method = '', path = ''] = route.split(' ');
    const response = await fetch(`${platform.url}${path.replace(/:\w+|\*/g, 'x')}`, {
      method,
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: (await response.text()).replace(/"request_id":"[^"]*"/, '') };
  }
  return { routes, call };
}

const casesOf = (...kinds: OwnershipCase['kind'][]): [string, OwnershipCase][] =>
  Object.entries(OWNERSHIP_CASES).filter(([, { kind }]) => kinds.includes(kind));
const bodyOf = (declared: OwnershipCase) => ('body' in declared ? { body: declared.body } : {});

const ACCESS: Partial<Record<OwnershipCase['kind'], RouteAccess>> = { public: 'public', operator: 'operator', admin: 'admin' };

describe('ownership of routes', () => {
  const onClose = closeAfterAll();
  let platform: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    platform = await start(onClose);
  });

  it('has a case for every route', () => {
    const missing = platform.routes.filter(({ name }) => !(name in OWNERSHIP_CASES)).map(({ name }) => name);
    expect(
      missing,
      'Add a case for each of these routes to OWNERSHIP_CASES in ownership-cases.test-support.ts. It says who may call the route, and whose data the response contains.',
    ).toEqual([]);
    const names = new Set(platform.routes.map(({ name }) => name));
    const removed = Object.keys(OWNERSHIP_CASES).filter((name) => !names.has(name));
    expect(removed, 'Remove these cases from OWNERSHIP_CASES, because the gateway has no such routes.').toEqual([]);
  });

  it('declares the access of every route as its case does', () => {
    const differing = platform.routes.filter(({ name, access = 'public' }) => {
      const declared = OWNERSHIP_CASES[name];
      return declared && access !== (ACCESS[declared.kind] ?? 'caller');
    });
    expect(differing).toEqual([]);
  });

  it.each(Object.entries(OWNERSHIP_CASES))('requires a key for all but public routes: %s', async (route, { kind }) => {
    const { status } = await platform.call(route, null);
    if (kind === 'public') expect([401, 403]).not.toContain(status);
    else expect(status).toBe(401);
  });

  it.each(casesOf('admin'))('admits only admins: %s', async (route, declared) => {
    const { call } = platform;
    const request = bodyOf(declared);
    for (const key of MEMBERS) expect((await call(route, key, request)).status).toBe(403);
    expect((await call(route, ADMIN, request)).status).not.toBe(403);
    if (declared.kind !== 'admin' || !declared.isLocal) return;
    const proxied = { ...request, headers: { 'x-forwarded-for': '203.0.113.9' } };
    expect((await call(route, ADMIN, proxied)).status).toBe(403);
  });
});
