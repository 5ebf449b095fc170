import { AppError, type ErrorCode } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { createLoopHarness } from './retry-loop.test-support.ts';

const FAILING: ErrorCode[] = ['INFERENCE_ERROR'];

describe('open circuit breaker', () => {
  const OPENED = { breaker: { failuresMax: 1, openMs: 10_000, openMsMax: 60_000 } };

  it('rejects a request without a call, with the time until the probe', async () => {
    const { fail, calls, pass, metrics } = createLoopHarness({ large: FAILING }, { policy: OPENED, random: () => 0 });
    await fail();
    pass(2_000);
    expect(await fail()).toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterSeconds: 8, attempts: 0 });
    expect(calls).toHaveLength(1);
    expect(await metrics.registry.metrics()).toContain('provider_breaker_state{provider="acme",model="large"} 2');
  });

  it('names the last error of the model, until the model succeeds', async () => {
    const unreachable = new AppError('PROVIDER_UNREACHABLE', 'The proxy in front of the model provider cannot be reached.');
    const models: Parameters<typeof createLoopHarness>[0] = { large: [unreachable] };
    const { fail, succeed, pass } = createLoopHarness(models, { policy: OPENED, random: () => 0 });
    await fail();
    const rejected = await fail();
    expect(rejected).toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(rejected.publicMessage).toMatch(/\. Its last error: The proxy in front of the model provider cannot be reached\.$/);
    pass(10_000);
    models.large = ['ok', 'DEADLINE_EXCEEDED'];
    await succeed();
    await fail();
    expect((await fail()).publicMessage).toMatch(/\. Its last error: The response took too long\.$/);
  });

  it('skips a model with an open circuit breaker for its fallback', async () => {
    const { fail, succeed, calls } = createLoopHarness({ large: FAILING, small: ['ok'] }, { policy: OPENED, random: () => 0 });
    await fail(['large']);
    const { permit, attempts } = await succeed();
    expect([permit.target.id, attempts.length]).toEqual(['small', 1]);
    expect(calls.slice(1)).toEqual(['small']);
  });

  it('reports the failure of the fallback instead of CIRCUIT_OPEN', async () => {
    const { fail } = createLoopHarness({ large: FAILING, small: ['DEADLINE_EXCEEDED'] }, { policy: OPENED, random: () => 0 });
    await fail(['large']);
    expect(await fail()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
  });

  it('reports the failure of the requested model when the circuit breaker of its fallback is open', async () => {
    const { fail } = createLoopHarness({ large: ['DEADLINE_EXCEEDED'], small: FAILING }, { policy: OPENED, random: () => 0 });
    await fail(['small']);
    expect(await fail()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
  });

  it('admits one probe after the open time, and every call after the first token of the probe', async () => {
    const models: Parameters<typeof createLoopHarness>[0] = { large: FAILING };
    const { fail, start, pass, calls } = createLoopHarness(models, { policy: OPENED, random: () => 0 });
    await fail();
    pass(10_000);
    const { promise, resolve } = Promise.withResolvers<string>();
    models.large = [() => promise];
    const probe = start();
    expect(await fail()).toMatchObject({ code: 'CIRCUIT_OPEN', attempts: 0 });
    expect(calls).toHaveLength(2);
    resolve('healthy again');
    const { result, permit } = await probe;
    expect(result).toBe('healthy again');
    permit.onFirstToken(5);
    await start();
    expect(calls).toHaveLength(3);
  });

  it.each(['CANCELLED', 'BAD_REQUEST'] as const)('admits another probe when one ends with %s', async (code) => {
    const models: Parameters<typeof createLoopHarness>[0] = { large: FAILING };
    const { fail, succeed, pass, calls } = createLoopHarness(models, { policy: OPENED, random: () => 0 });
    await fail();
    pass(10_000);
    models.large = [code, 'ok'];
    await fail();
    await succeed();
    expect(calls).toHaveLength(3);
  });

  it('counts failed requests and not their retries', async () => {
    const { fail, calls, healthOf } = createLoopHarness({ large: FAILING });
    for (let request = 1; request <= 4; request++) {
      await fail(undefined, {}, `request ${request}`);
      expect(healthOf('large').breaker).toBe('closed');
    }
    expect(calls).toHaveLength(16);
    expect(await fail(undefined, {}, 'request 5')).toMatchObject({ code: 'INFERENCE_ERROR', attempts: 1, isCircuitOpen: true });
    expect(await fail(undefined, {}, 'request 6')).toMatchObject({ code: 'CIRCUIT_OPEN', attempts: 0, isCircuitOpen: true });
  });

  it('keeps a model open to other requests when one request always fails', async () => {
    const models: Parameters<typeof createLoopHarness>[0] = { large: FAILING };
    const { fail, succeed } = createLoopHarness(models);
    for (let request = 0; request < 20; request++) await fail(undefined, {}, 'a bad prompt');
    expect(await fail(undefined, {}, 'a bad prompt')).toMatchObject({ code: 'CIRCUIT_OPEN' });
    models.large = ['ok'];
    await succeed(undefined, {}, 'a good prompt');
  });

  it('keeps a model open to other callers when all requests of one caller fail', async () => {
    const models: Parameters<typeof createLoopHarness>[0] = { large: FAILING };
    const { fail, succeed } = createLoopHarness(models);
    const ada = { principal: { id: 'ada' } };
    for (let request = 0; request < 20; request++) await fail(undefined, ada, `prompt ${request}`);
    expect(await fail(undefined, ada, 'another prompt')).toMatchObject({ code: 'CIRCUIT_OPEN' });
    models.large = ['ok'];
    await succeed(undefined, { principal: { id: 'bob' } }, 'another prompt');
    await succeed(undefined, ada, 'another prompt');
  });

  it('closes a model to everybody when its provider cannot be reached', async () => {
    const { fail } = createLoopHarness({ large: ['PROVIDER_UNREACHABLE'] });
    for (let request = 0; request < 5; request++) await fail(undefined, { principal: { id: 'ada' } }, 'one prompt');
    expect(await fail(undefined, { principal: { id: 'bob' } }, 'another')).toMatchObject({ code: 'CIRCUIT_OPEN' });
  });
});
