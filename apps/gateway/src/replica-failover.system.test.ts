import { type RunningApp, startApp } from '@prodigon/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const shared = { INTERNAL_TOKEN: 'token-of-this-test-0123', USE_MOCK: 'true', DRAIN_TIMEOUT_MS: '30000' };
const CALLERS = 60;
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

interface Answer {
  status: number;
  /** Of a stream: how its last frame says that it ended. */
  end: 'whole' | 'error' | 'cut';
}

/** Half of the callers want streams. Each takes another time, so that at any moment some wait and some read. */
async function ask({ url }: RunningApp, index: number): Promise<Answer> {
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

/** Callers who come back as soon as they have their answer, until `stop`, which waits for the last answers. */
function load(gateway: RunningApp) {
  const answers: Answer[] = [];
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const callers = Array.from({ length: CALLERS }, async (_, index) => {
    while (!isOver) answers.push(await ask(gateway, index));
  });
  // A test that has failed does not wait for them.
  for (const caller of callers) caller.catch(() => {});
  return {
    answers,
    /** Resolves when so many more answers have come. */
    more: async (count: number) => {
      const wanted = answers.length + count;
      await expect.poll(() => answers.length, WAIT).toBeGreaterThanOrEqual(wanted);
    },
    async stop() {
      isOver = true;
      await Promise.all(callers);
    },
  };
}

/** Resolves once so many streams have begun that go on until they are cut, with how each of them ends. */
async function hold({ url }: RunningApp, count: number): Promise<Promise<string>[]> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const responses = await Promise.all(
    Array.from({ length: count }, () =>
      fetch(`${url}/api/v1/generate/stream`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: 'Go on', model: 'prodigon-sim?ttft_ms=0&fault=stall&after=1' }),
        signal: leaving.signal,
      }),
    ),
  );
  return responses.map((response) => response.text().catch(() => 'left'));
}

const callsOf = (app: RunningApp): number => app.output().match(/"route":"\/internal\/v1\/chat/g)?.length ?? 0;
const failed = (answers: readonly Answer[]) => answers.filter(({ status, end }) => status !== 200 || end === 'cut');
const broken = (answers: readonly Answer[]) => answers.filter(({ end }) => end !== 'whole');

describe.each(['http2', 'http1'])('two model services over %s, under load', (transport) => {
  it('lose, when one is killed, only answers that had begun; it works again when it is back', async () => {
    const { replicas, gateway } = await startPlatform(transport);
    const [killed, other] = replicas;
    const { answers, more, stop } = load(gateway);
    await more(CALLERS);
    await expect.poll(() => Math.min(...replicas.map(callsOf)), WAIT).toBeGreaterThan(0);
    const before = callsOf(other);

    // They are spread over both, so some are at the one that is killed.
    const held = await hold(gateway, 8);
    killed.kill('SIGKILL');
    await killed.exited;
    expect(await Promise.race(held)).toMatch(/data: \[ERROR\] [^\n]+\n\n$/);
    await more(2 * CALLERS);
    expect(failed(answers)).toEqual([]);
    const brokenByKill = broken(answers).length;
    expect(brokenByKill).toBeLessThanOrEqual(CALLERS / 2);

    const back = await start('model', { MODEL_PORT: new URL(killed.url).port });
    await expect.poll(() => callsOf(back), WAIT).toBeGreaterThan(CALLERS / 2);
    await stop();
    expect(failed(answers)).toEqual([]);
    expect(broken(answers)).toHaveLength(brokenByKill);
    expect(callsOf(other)).toBeGreaterThan(before);
  });

  it('lose nothing when one is told to stop: its open answers end, the others go elsewhere', async () => {
    const { replicas, gateway } = await startPlatform(transport);
    const { answers, more, stop } = load(gateway);
    await more(CALLERS);
    replicas[0].kill('SIGTERM');
    expect(await replicas[0].exited).toEqual({ code: 0, signal: null });
    await more(2 * CALLERS);
    await stop();
    expect(broken(answers)).toEqual([]);
    expect(failed(answers)).toEqual([]);
  });
});

it('a frozen model service holds only what it has, until its silence is noticed', { timeout: 120_000 }, async () => {
  const { replicas, gateway } = await startPlatform('http2');
  await Promise.all([ask(gateway, 1), ask(gateway, 1)]);
  replicas[0].kill('SIGSTOP');
  let answered = 0;
  const asked = Array.from({ length: 20 }, (_, index) => ask(gateway, index).finally(() => answered++));
  const held = Promise.all(asked);
  await expect.poll(() => answered, WAIT).toBeGreaterThanOrEqual(10);
  for (let index = 0; index < 4; index++) expect(await ask(gateway, index)).toEqual({ status: 200, end: 'whole' });
  // It never comes back: what it had goes to the other one.
  expect(broken(await held)).toEqual([]);
  expect(failed(await held)).toEqual([]);
  expect(await (await fetch(`${gateway.url}/readyz`)).json()).toMatchObject({ ready: true });
});
