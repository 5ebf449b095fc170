import { createSimulatorProvider } from '@prodigon/model-providers';
import { createApiKeyValue, hashApiKey } from '@prodigon/platform';
import type { CallContext, JobsClient } from '@prodigon/ports';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';
import { createMemoryKeys } from './memory-key-store.test-support.ts';
import { createOpenCalls } from './open-calls.ts';

const ADMIN = 'key-of-the-admin-0123456789';

/** Yields a frame, then nothing until the call is cancelled. */
async function* openStream({ signal }: CallContext) {
  yield Buffer.from('event: jobs\ndata: 1\n\n');
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

it('ends the open responses of a key that this gateway revokes', async () => {
  const { create, ...keys } = createMemoryKeys(`root:admin=${ADMIN}`);
  const { url, post, lifecycle } = await startPlatform({
    topology: 'in one process',
    providers: [{ endpoints: [createSimulatorProvider()] }],
    isKeyRequired: true,
    keys,
    jobs: { listEvents: async (context: CallContext) => openStream(context) } as unknown as JobsClient,
  });
  const [revoked, other] = [await create(), await create()];
  const authorization = (value: string) => ({ authorization: `Bearer ${value}` });
  const prompt = { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens=1000000&tokens_per_s=50' };
  const stream = await post('/api/v1/generate/stream', prompt, { headers: authorization(revoked.value) });
  const [events, otherEvents] = await Promise.all(
    [revoked, other].map(({ value }) => fetch(`${url}/api/v1/events?topics=jobs`, { headers: authorization(value) })),
  );
  expect(lifecycle.activeCalls).toBe(3);
  await fetch(`${url}/api/v1/keys/${revoked.key.id}`, { method: 'DELETE', headers: authorization(ADMIN) });
  expect(await stream.text()).toContain('[ERROR] The API key was revoked or has expired.');
  expect(await events?.text()).toContain('UNAUTHENTICATED');
  await vi.waitFor(() => expect(lifecycle.activeCalls).toBe(1));
  await otherEvents?.body?.cancel();
});

it('ends the open responses of a key that another gateway revoked or that has expired', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const keys = createMemoryKeys();
  const [revoked, expiring, valid] = [
    await keys.create(),
    await keys.create({ expiresAt: new Date(Date.now() + 7_000) }),
    await keys.create(),
  ];
  await keys.directory.refresh();
  const openCalls = createOpenCalls(keys.directory);
  const calls = [revoked, expiring, valid].map(({ value }) => {
    const call = new AbortController();
    const forget = openCalls.track(value, call);
    return { signal: call.signal, forget };
  });
  const aborted = () => calls.map(({ signal }) => signal.aborted);
  const pass = async (ms: number) => {
    keys.advance(ms);
    await vi.advanceTimersByTimeAsync(ms);
  };
  await keys.store.revoke(revoked.key.id, null, null);
  expect(aborted()).toEqual([false, false, false]);
  await pass(5_000);
  expect(aborted()).toEqual([true, false, false]);
  expect(calls[0]?.signal.reason).toMatchObject({ code: 'UNAUTHENTICATED' });
  await pass(5_000);
  expect(aborted()).toEqual([true, true, false]);
  for (const { forget } of calls) forget();
  // The last use of the keys is recorded once a minute.
  await pass(120_000);
  expect(vi.getTimerCount()).toBe(0);
});

it('keeps responses open while the database does not respond', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const keys = createMemoryKeys();
  const { value } = await keys.create();
  await keys.directory.refresh();
  const call = new AbortController();
  createOpenCalls(keys.directory).track(value, call);
  keys.store.version = async () => {
    throw new Error('down');
  };
  keys.advance(60_000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(call.signal.aborted).toBe(false);
});

it('ends the open responses of a value when the overlap of its rotation ends', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const keys = createMemoryKeys();
  const { key, value } = await keys.create();
  await keys.directory.refresh();
  const call = new AbortController();
  createOpenCalls(keys.directory).track(value, call);
  await keys.store.rotate(key.id, null, hashApiKey(createApiKeyValue()), 7_000);
  const pass = async (ms: number) => {
    keys.advance(ms);
    await vi.advanceTimersByTimeAsync(ms);
  };
  await pass(5_000);
  expect(call.signal.aborted).toBe(false);
  await pass(5_000);
  expect(call.signal.reason).toMatchObject({ code: 'UNAUTHENTICATED' });
});
