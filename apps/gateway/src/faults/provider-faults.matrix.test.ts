import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStreamEvents, streamChunks } from '@prodigon/api-client';
import { errorBodySchema, type StreamEvent } from '@prodigon/contracts';
import { FAULTS, matrixDeployments, sharedDeployment } from '@prodigon/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deploy, LONG_TEST_MS, STREAM, TYPED } from './deployment.test-support.ts';

const WORDS = [
  'Streams ',
  '"quotes",\n',
  'line\u2028breaks, ',
  'carriage\r\nreturns, ',
  '👩‍🚀 ',
  'data: [DONE]\n\n',
  'event: error\n',
  'end.',
];
const TEXT = WORDS.join('');
const CALLS_MAX = 4;
/** Longer than any test. */
const LONG_MS = 3_600_000;

async function eventsOf(response: Response): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of readStreamEvents(streamChunks(response.body as ReadableStream<Uint8Array>))) events.push(event);
  return events;
}

const tokensOf = (events: readonly StreamEvent[]) => events.flatMap(({ event, data }) => (event === 'token' ? [data] : []));

function modelsFile(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-faults-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'models.yaml');
  writeFileSync(path, text);
  return path;
}

const providerOf = (models: string) =>
  `providers:\n  faulty:\n    base_url_variable: OPENAI_BASE_URL\n    accepts_other_ids: true\n    models:\n${models}`;

describe.each(matrixDeployments('services'))('%s', (name) => {
  // Runs before the other tests exhaust the retry budget.
  it('waits for the Retry-After of the provider before it retries', async () => {
    const { post, provider } = await sharedDeployment(name);
    expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'limited_once_2' })).status).toBe(200);
    const [first, second] = provider.calls;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_990);
    expect(provider.calls).toHaveLength(2);
  });

  it(
    'reports every provider fault as an error, keeps the tokens before it, and makes at most four calls',
    async () => {
      const { post, provider } = await sharedDeployment(name);
      provider.words = WORDS;
      let callsMost = 0;
      for (const [model, { expected, wordsBefore = 0 }] of Object.entries(FAULTS)) {
        if (expected === 'timeout' || model === 'flood') continue;
        const before = provider.calls.length;
        const unary = await post('/api/v1/generate', { prompt: 'Hi', model });
        const body = await unary.text();
        const calls = provider.calls.length - before;
        expect([model, unary.status], body).toEqual([model, expected.status]);

        const typed = await post(STREAM, { prompt: 'Hi', model }, TYPED);
        const events = await eventsOf(typed);
        const tokens = tokensOf(events);
        const last = events.at(-1);
        if (expected.status === 200) {
          expect([model, JSON.parse(body).text ?? '', calls]).toEqual([model, model === 'tool_calls' ? '' : TEXT, 1]);
          expect([model, tokens.join(''), last?.event]).toEqual([model, model === 'tool_calls' ? '' : TEXT, 'done']);
          continue;
        }
        expect([model, errorBodySchema.parse(JSON.parse(body)).error.code]).toEqual([model, expected.code]);
        const isRetryable = expected.code === 'INFERENCE_ERROR';
        // All requests share the retry budget, which may be exhausted.
        expect([model, calls]).toEqual([model, isRetryable ? expect.toSatisfy((count) => count <= CALLS_MAX) : 1]);
        callsMost = Math.max(callsMost, calls);
        expect(last, model).toMatchObject({ event: 'error', data: { code: expected.code } });
        expect([model, tokens]).toEqual([model, WORDS.slice(0, wordsBefore)]);
      }
      expect(callsMost).toBe(CALLS_MAX);
      // The platform follows no redirects of a provider.
      expect(provider.calls.filter(({ path }) => path.includes('elsewhere'))).toEqual([]);
    },
    LONG_TEST_MS,
  );
});

// The test process holds these promises in `npm test`: retry-and-fallback.test.ts and provider-failures.test.ts.
describe.each(matrixDeployments())('%s', (name) => {
  it('opens the circuit breaker after five failures in a row and rejects calls with Retry-After', async () => {
    const breaker = `policy: { attempts_max: 1, breaker: { failures_max: 5, open_ms: ${LONG_MS}, open_ms_max: ${LONG_MS} } }\n`;
    const MODELS_FILE = modelsFile(`${breaker}${providerOf('      healthy: {}\n')}`);
    const { post, provider, models } = await deploy(name, { env: { MODELS_FILE }, hasWorkers: false });
    const callFailing = () => post('/api/v1/generate', { prompt: 'Hi', model: 'status_500' });
    // Each model service has its own circuit breaker.
    const replicas = Math.max(1, models.length);
    for (let call = 0; call < 5 * replicas; call += 1) await callFailing();
    const calls = provider.calls.length;
    expect(calls).toBe(5 * replicas);
    for (let call = 0; call < 10; call += 1) {
      const rejected = await callFailing();
      expect(rejected.status).toBe(503);
      expect(Number(rejected.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(provider.calls).toHaveLength(calls);
    expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'healthy' })).status).toBe(200);
  });

  it('falls back before the first token, never after it', async () => {
    const MODELS_FILE = modelsFile(
      `policy: { breaker: { failures_max: 1000 } }\n${providerOf(
        '      cut_mid_stream: { fallbacks: [healthy] }\n      cut_before_content: { fallbacks: [healthy] }\n      healthy: {}\n',
      )}`,
    );
    const { post, provider } = await deploy(name, { env: { MODELS_FILE }, provider: { words: WORDS }, hasWorkers: false });
    const broken = await eventsOf(await post(STREAM, { prompt: 'Hi', model: 'cut_mid_stream' }, TYPED));
    expect(broken.map(({ event }) => event)).toEqual(['start', 'token', 'token', 'error']);
    expect(provider.calls).toHaveLength(1);

    const fallback = await eventsOf(await post(STREAM, { prompt: 'Hi', model: 'cut_before_content' }, TYPED));
    expect(tokensOf(fallback).join('')).toBe(TEXT);
    expect(fallback.find(({ event }) => event === 'fallback')?.data).toMatchObject({ from: 'cut_before_content', to: 'healthy' });
    expect(provider.calls.length).toBeLessThanOrEqual(1 + CALLS_MAX);
  });

  it('ends a hanging call at the deadline with DEADLINE_EXCEEDED and cancels the provider call', async () => {
    const { post, provider } = await deploy(name, {
      env: { TOTAL_TIMEOUT_MS: '700', FALLBACK_MODEL: 'hang' },
      hasWorkers: false,
    });
    for (const model of ['hang', 'silent_stream', 'stall']) {
      expect([model, (await post('/api/v1/generate', { prompt: 'Hi', model })).status]).toEqual([model, 504]);
      const events = await eventsOf(await post(STREAM, { prompt: 'Hi', model }, TYPED));
      expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'DEADLINE_EXCEEDED' } });
    }
    await Promise.all(provider.calls.map(({ disconnected }) => disconnected));
  });
});
