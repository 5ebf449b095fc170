import { hostname } from 'node:os';
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLifecycle } from '../lifecycle/graceful-shutdown.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createHealth, healthRoutes, type ReadinessCheck } from './health-and-readiness.routes.ts';

const IDENTITY = { service: 'gateway', version: '1.2.3', environment: 'test' };

async function setUp(checks?: ReadinessCheck[]) {
  const lifecycle = createLifecycle({ drainTimeoutMs: 1_000 });
  const metrics = createMetrics();
  const app = Fastify();
  onTestFinished(() => app.close());
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  const accesses: unknown[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    if (method === 'GET') accesses.push([url, config?.access]);
  });
  await app.register(healthRoutes({ ...IDENTITY, lifecycle, metrics, ...(checks && { checks }) }));
  const readiness = async () => {
    const response = await app.inject('/readyz');
    const { ready, checks, ...health } = response.json();
    expect(health).toMatchObject({ ...IDENTITY, pid: process.pid });
    return [response.statusCode, { ready, checks }];
  };
  return { app, lifecycle, metrics, accesses, readiness };
}

const check = (name: string, required: boolean, ok: boolean, detail?: string): ReadinessCheck => ({
  name,
  required,
  check: async () => ({ ok, ...(detail !== undefined && { detail }) }),
});
const NOT_DRAINING = { name: 'not draining', required: true, ok: true };

describe('the readiness', () => {
  it('is given without checks', async () => {
    expect(await (await setUp()).readiness()).toEqual([200, { ready: true, checks: [NOT_DRAINING] }]);
  });

  it('is lost by a required check that fails, and not by another one', async () => {
    const { readiness } = await setUp([check('database', true, false, 'It is down.'), check('model', true, true)]);
    expect(await readiness()).toEqual([
      503,
      {
        ready: false,
        checks: [
          NOT_DRAINING,
          { name: 'database', required: true, ok: false, detail: 'It is down.' },
          { name: 'model', required: true, ok: true },
        ],
      },
    ]);
    expect(await (await setUp([check('worker', false, false)])).readiness()).toEqual([
      200,
      { ready: true, checks: [NOT_DRAINING, { name: 'worker', required: false, ok: false }] },
    ]);
  });

  it('is lost while the process drains, which stays alive', async () => {
    const { app, lifecycle, readiness } = await setUp();
    void lifecycle.drain();
    expect(await readiness()).toEqual([503, { ready: false, checks: [{ ...NOT_DRAINING, ok: false }] }]);
    expect((await app.inject('/livez')).json()).toEqual({ alive: true });
    expect((await app.inject('/health')).json()).toMatchObject({ status: 'draining' });
  });
});

describe('the health', () => {
  it('identifies the process and its uptime in tenths of a second', async () => {
    vi.spyOn(process, 'uptime').mockReturnValue(12.345);
    onTestFinished(() => void vi.restoreAllMocks());
    const { app, lifecycle } = await setUp();
    const expected = { status: 'ok', ...IDENTITY, pid: process.pid, uptime_s: 12.3 };
    expect((await app.inject('/health')).json()).toEqual(expected);
    expect(createHealth({ ...IDENTITY, lifecycle })()).toEqual(expected);
    expect(createHealth({ ...IDENTITY, lifecycle }, 1)()).toEqual({ ...expected, pid: 1, hostname: hostname() });
  });
});

it('returns the metrics in the format of Prometheus to operators only, and all other probes to anyone', async () => {
  const { app, metrics, accesses } = await setUp();
  metrics.jobItemsClaimed.inc(4);
  const response = await app.inject('/metrics');
  expect(response.headers['content-type']).toBe(metrics.registry.contentType);
  expect(response.body).toContain('job_items_claimed_total 4');
  expect(accesses).toEqual([
    ['/health', 'public'],
    ['/livez', 'public'],
    ['/readyz', 'public'],
    ['/metrics', 'operator'],
  ]);
});
