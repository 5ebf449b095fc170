import { matrixOf, type RunningApp, startApp } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const shared = { INTERNAL_TOKEN: 'token-of-this-test-0123', USE_MOCK: 'true', DRAIN_TIMEOUT_MS: '30000' };
const CELLS = [
  { transport: 'http2', clientCount: 24 },
  { transport: 'http2', clientCount: 60 },
  { transport: 'http1', clientCount: 60 },
  { transport: 'grpc', clientCount: 24 },
  { transport: 'grpc', clientCount: 60 },
];
const WAIT = { timeout: 60_000, interval: 20 };

const start = (name: 'gateway' | 'model', env: Record<string, string> = {}) => startApp(name, { ...shared, ...env });

async function startPlatform(transport: string) {
  const [first, second] = await Promise.all([start('model'), start('model')]);
  const MODEL_SERVICE_URL = [first, second].map(({ url }) => url).join();
  const MODEL_GRPC_URL = [first, second].map(({ grpcUrl }) => grpcUrl).join();
  const gateway = await start('gateway', { MODEL_SERVICE_URL, MODEL_GRPC_URL, MODEL_TRANSPORT: transport });
  const replicas: [RunningApp, RunningApp] = [first, second];
  const close = async () => void (await Promise.all([...replicas, gateway].map((app) => app.close())));
  return { replicas, gateway, close };
}
type Platform = Awaited<ReturnType<typeof startPlatform>>;

interface Outcome {
  status: number;
  /** End of the response, for streams by the last frame. */
  end: 'complete' | 'error' | 'truncated';
}

/** Sends a request, streamed for even indexes. Durations differ, so that some clients always wait while others read. */
async function generate({ url }: RunningApp, index: number): Promise<Outcome> {
  const isStream = index % 2 === 0;
  const model = `prodigon-sim?ttft_ms=${50 + 10 * (index % 20)}&tokens_per_s=100&tokens=${10 + (index % 30)}`;
  const response = await fetch(`${url}/api/v1/generate${isStream ? '/stream' : ''}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'Go on', model }),
  });
  const text = await response.text();
  const lastFrame = text.trimEnd().split('\n\n').at(-1) ?? '';
  const isComplete = isStream ? lastFrame === 'data: [DONE]' : typeof JSON.parse(text).text === 'string';
  return {
    status: response.status,
    end: isComplete ? 'complete' : lastFrame.startsWith('data: [ERROR]') ? 'error' : 'truncated',
  };
}

/** Starts clients that send one request after another until `stop`, which waits for the last responses. */
function startLoad(gateway: RunningApp, clientCount: number) {
  const outcomes: Outcome[] = [];
  let isDone = false;
  onTestFinished(() => {
    isDone = true;
  });
  const clients = Array.from({ length: clientCount }, async (_, index) => {
    while (!isDone) outcomes.push(await generate(gateway, index));
  });
  // A failed test does not wait for the clients.
  for (const client of clients) client.catch(() => {});
  return {
    outcomes,
    /** Resolves after `count` more responses. */
    more: async (count: number) => {
      const target = outcomes.length + count;
      await expect.poll(() => outcomes.length, WAIT).toBeGreaterThanOrEqual(target);
    },
    async stop() {
      isDone = true;
      await Promise.all(clients);
    },
  };
}

/** Opens streams that never end. Resolves when all have started, with promises of their texts. */
async function openStalledStreams({ url }: RunningApp, count: number): Promise<Promise<string>[]> {
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

const callsOf = (app: RunningApp): number =>
  app.output().match(/"route":"\/(?:internal\/v1\/chat|prodigon\.inference\.v1\.InferenceService\/Generate)/g)?.length ?? 0;

/** Resolves when each app has served further calls. */
async function serveMore(apps: readonly RunningApp[]): Promise<void> {
  const before = apps.map(callsOf);
  await expect.poll(() => apps.every((app, index) => callsOf(app) > (before[index] ?? 0)), WAIT).toBe(true);
}

const failed = (outcomes: readonly Outcome[]) => outcomes.filter(({ status, end }) => status !== 200 || end === 'truncated');
const broken = (outcomes: readonly Outcome[]) => outcomes.filter(({ end }) => end !== 'complete');

describe.each(matrixOf(CELLS, ({ transport, clientCount }) => transport === 'http2' && clientCount === 24))(
  'two model service replicas over $transport with $clientCount clients',
  ({ transport, clientCount }) => {
    let platform: Platform;
    beforeAll(async () => {
      platform = await startPlatform(transport);
    });
    afterAll(() => platform?.close());

    // HTTP/1.1 has no ping: a suspended replica holds its requests until their timeout.
    it.runIf(transport === 'http2')('fail over from a suspended one after the idle timeout', async () => {
      const { replicas, gateway } = platform;
      onTestFinished(() => replicas[0].kill('SIGCONT'));
      await Promise.all([generate(gateway, 1), generate(gateway, 1)]);
      replicas[0].kill('SIGSTOP');
      let responseCount = 0;
      const requests = Array.from({ length: 20 }, (_, index) => generate(gateway, index).finally(() => responseCount++));
      const all = Promise.all(requests);
      await expect.poll(() => responseCount, WAIT).toBeGreaterThanOrEqual(10);
      for (let index = 0; index < 4; index++) expect(await generate(gateway, index)).toEqual({ status: 200, end: 'complete' });
      // The replica does not resume yet, so that its requests fail over to the other one.
      expect(broken(await all)).toEqual([]);
      expect(failed(await all)).toEqual([]);
      expect(await (await fetch(`${gateway.url}/readyz`)).json()).toMatchObject({ ready: true });
    });

    it('fail only started responses when one is killed, and receive requests again after its restart', async () => {
      const { replicas, gateway } = platform;
      const [killed, other] = replicas;
      const { outcomes, more, stop } = startLoad(gateway, clientCount);
      await more(clientCount);
      await serveMore(replicas);
      const before = callsOf(other);

      // Both replicas serve some of these streams.
      const streams = await openStalledStreams(gateway, 8);
      killed.kill('SIGKILL');
      await killed.exited;
      expect(await Promise.race(streams)).toMatch(/data: \[ERROR\] [^\n]+\n\n$/);
      await more(2 * clientCount);
      expect(failed(outcomes)).toEqual([]);
      const brokenByKill = broken(outcomes).length;
      expect(brokenByKill).toBeLessThanOrEqual(clientCount / 2);

      const restarted = await start('model', {
        MODEL_PORT: new URL(killed.url).port,
        MODEL_GRPC_PORT: new URL(killed.grpcUrl ?? '').port,
      });
      replicas[0] = restarted;
      await expect.poll(() => callsOf(restarted), WAIT).toBeGreaterThan(clientCount / 2);
      await stop();
      expect(failed(outcomes)).toEqual([]);
      expect(broken(outcomes)).toHaveLength(brokenByKill);
      expect(callsOf(other)).toBeGreaterThan(before);
    });

    it('fail no response when one drains', async () => {
      const { replicas, gateway } = platform;
      const { outcomes, more, stop } = startLoad(gateway, clientCount);
      await more(clientCount);
      await serveMore(replicas);
      replicas[0].kill('SIGTERM');
      expect(await replicas[0].exited).toEqual({ code: 0, signal: null });
      await more(2 * clientCount);
      await stop();
      expect(broken(outcomes)).toEqual([]);
      expect(failed(outcomes)).toEqual([]);
    });
  },
);
