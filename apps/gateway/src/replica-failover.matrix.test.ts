import { matrixOf, type RunningApp, startApp } from '@prodigon/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const shared = { INTERNAL_TOKEN: 'token-of-this-test-0123', USE_MOCK: 'true', DRAIN_TIMEOUT_MS: '30000' };
const CLIENTS = 60;
const WAIT = { timeout: 60_000, interval: 20 };

async function start(name: 'gateway' | 'model', env: Record<string, string>): Promise<RunningApp> {
  const app = await startApp(name, { ...shared, ...env });
  onTestFinished(() => app.close());
  return app;
}

async function startPlatform(transport: string) {
  const replicas = await Promise.all([start('model', {}), start('model', {})]);
  const MODEL_SERVICE_URL = replicas.map(({ url }) => url).join();
  const gateway = await start('gateway', { MODEL_SERVICE_URL, MODEL_TRANSPORT: transport });
  return { replicas, gateway };
}

interface Reply {
  status: number;
  /** How a stream ended, by its last frame. */
  end: 'whole' | 'error' | 'cut';
}

/** Half of the clients stream. Durations differ, so that at any moment some wait and some read. */
async function ask({ url }: RunningApp, index: number): Promise<Reply> {
  const isStream = index % 2 === 0;
  const model = `prodigon-sim?ttft_ms=${50 + 10 * (index % 20)}&tokens_per_s=100&tokens=${10 + (index % 30)}`;
  const response = await fetch(`${url}/api/v1/generate${isStream ? '/stream' : ''}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'Go on', model }),
  });
  const text = await response.text();
  const lastFrame = text.trimEnd().split('\n\n').at(-1) ?? '';
  const isWhole = isStream ? lastFrame === 'data: [DONE]' : typeof JSON.parse(text).text === 'string';
  return { status: response.status, end: isWhole ? 'whole' : lastFrame.startsWith('data: [ERROR]') ? 'error' : 'cut' };
}

/** Clients that send their next request after each response, until `stop`, which waits for the last ones. */
function load(gateway: RunningApp) {
  const replies: Reply[] = [];
  let isDone = false;
  onTestFinished(() => {
    isDone = true;
  });
  const clients = Array.from({ length: CLIENTS }, async (_, index) => {
    while (!isDone) replies.push(await ask(gateway, index));
  });
  // A failed test does not wait for them.
  for (const client of clients) client.catch(() => {});
  return {
    replies,
    /** Resolves after that many more responses. */
    more: async (count: number) => {
      const wanted = replies.length + count;
      await expect.poll(() => replies.length, WAIT).toBeGreaterThanOrEqual(wanted);
    },
    async stop() {
      isDone = true;
      await Promise.all(clients);
    },
  };
}

/** Opens streams that never end by themselves. Resolves once all have started, with the text of each at its end. */
async function hold({ url }: RunningApp, count: number): Promise<Promise<string>[]> {
  const client = new AbortController();
  onTestFinished(() => client.abort());
  const responses = await Promise.all(
    Array.from({ length: count }, () =>
      fetch(`${url}/api/v1/generate/stream`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: 'Go on', model: 'prodigon-sim?ttft_ms=0&fault=stall&after=1' }),
        signal: client.signal,
      }),
    ),
  );
  return responses.map((response) => response.text().catch(() => 'aborted'));
}

const callsOf = (app: RunningApp): number => app.output().match(/"route":"\/internal\/v1\/chat/g)?.length ?? 0;
const failed = (replies: readonly Reply[]) => replies.filter(({ status, end }) => status !== 200 || end === 'cut');
const broken = (replies: readonly Reply[]) => replies.filter(({ end }) => end !== 'whole');

describe.each(matrixOf(['http2', 'http1'], (transport) => transport === 'http2'))('two model services over %s', (transport) => {
  it('lose only started responses when one is killed, and use it again once it is back', async () => {
    const { replicas, gateway } = await startPlatform(transport);
    const [killed, other] = replicas;
    const { replies, more, stop } = load(gateway);
    await more(CLIENTS);
    await expect.poll(() => Math.min(...replicas.map(callsOf)), WAIT).toBeGreaterThan(0);
    const before = callsOf(other);

    // Both replicas hold some of them.
    const held = await hold(gateway, 8);
    killed.kill('SIGKILL');
    await killed.exited;
    expect(await Promise.race(held)).toMatch(/data: \[ERROR\] [^\n]+\n\n$/);
    await more(2 * CLIENTS);
    expect(failed(replies)).toEqual([]);
    const brokenByKill = broken(replies).length;
    expect(brokenByKill).toBeLessThanOrEqual(CLIENTS / 2);

    const back = await start('model', { MODEL_PORT: new URL(killed.url).port });
    await expect.poll(() => callsOf(back), WAIT).toBeGreaterThan(CLIENTS / 2);
    await stop();
    expect(failed(replies)).toEqual([]);
    expect(broken(replies)).toHaveLength(brokenByKill);
    expect(callsOf(other)).toBeGreaterThan(before);
  });

  it('lose no response when one drains: its open ones complete, the others go to the other replica', async () => {
    const { replicas, gateway } = await startPlatform(transport);
    const { replies, more, stop } = load(gateway);
    await more(CLIENTS);
    replicas[0].kill('SIGTERM');
    expect(await replicas[0].exited).toEqual({ code: 0, signal: null });
    await more(2 * CLIENTS);
    await stop();
    expect(broken(replies)).toEqual([]);
    expect(failed(replies)).toEqual([]);
  });
});

// HTTP/1.1 has no ping: a suspended replica holds its requests until their timeout.
describe.each(matrixOf(['http2'], () => true))('a gateway over %s', (transport) => {
  it('fails over from a suspended replica after its idle timeout', async () => {
    const { replicas, gateway } = await startPlatform(transport);
    await Promise.all([ask(gateway, 1), ask(gateway, 1)]);
    replicas[0].kill('SIGSTOP');
    let answered = 0;
    const requests = Array.from({ length: 20 }, (_, index) => ask(gateway, index).finally(() => answered++));
    const held = Promise.all(requests);
    await expect.poll(() => answered, WAIT).toBeGreaterThanOrEqual(10);
    for (let index = 0; index < 4; index++) expect(await ask(gateway, index)).toEqual({ status: 200, end: 'whole' });
    // It never resumes: its requests fail over to the other replica.
    expect(broken(await held)).toEqual([]);
    expect(failed(await held)).toEqual([]);
    expect(await (await fetch(`${gateway.url}/readyz`)).json()).toMatchObject({ ready: true });
  });
});
