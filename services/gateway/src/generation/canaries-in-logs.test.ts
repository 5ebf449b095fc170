import { FAULTS } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { shareGateway } from '../gateway-harness.test-support.ts';
import { STREAM, startWithFaults, TYPED } from './generation.test-support.ts';

/** Texts that the fault provider quotes in all of its errors. */
const PROMPT = 'canaryprompt0a1b2c3d4';
const ANSWER = ['Canary ', 'answer: ', 'canaryanswer0a1b2c3d4'];
const CANARIES = /canaryprompt|canaryanswer/;
const INFO = 30;

const messages = [{ role: 'user', content: PROMPT }];
const ROUTES: readonly [path: string, body: object, init?: RequestInit][] = [
  ['/api/v1/generate', { prompt: PROMPT }],
  [STREAM, { prompt: PROMPT }],
  [STREAM, { prompt: PROMPT }, TYPED],
  ['/v1/chat/completions', { messages }],
  ['/v1/chat/completions', { messages, stream: true }],
  ['/v1/responses', { input: PROMPT }],
  ['/v1/responses', { input: PROMPT, stream: true }],
  ['/v1/embeddings', { input: PROMPT }],
];
/** Faults that never respond would only take time, and they quote nothing. */
const MODELS = Object.keys(FAULTS).filter((model) => FAULTS[model]?.expected !== 'timeout' && model !== 'flood');

/** Invalid bodies that contain the prompt, also as the name of a field. */
const invalidBodies = (body: object): (object | string)[] => [
  { ...body, [PROMPT]: PROMPT },
  { ...body, model: [PROMPT] },
  { ...body, temperature: PROMPT, metadata: { [PROMPT]: 1 } },
  { prompt: { [PROMPT]: 1 }, messages: [{ role: PROMPT }], input: { [PROMPT]: 1 } },
  { ...body, tools: [{ type: PROMPT, name: PROMPT }], text: { format: { type: PROMPT } } },
  `{"prompt":"${PROMPT}" "${PROMPT}"`,
  PROMPT,
];

describe.each(['in one process', 'over HTTP/2'] as const)('model service %s', (topology) => {
  const start = shareGateway(topology);
  const policy = { firstDelayMs: 1, attemptsMax: 2, breaker: { failuresMax: 1_000, openMs: 1, openMsMax: 1 } };

  async function startWithCanaries() {
    const platform = await startWithFaults(topology, { policy }, start);
    platform.provider.words = ANSWER;
    const lines = () =>
      platform
        .log()
        .trimEnd()
        .split('\n')
        .map((line) => ({ level: JSON.parse(line).level as number, line }));
    return { ...platform, leaks: () => lines().filter(({ level, line }) => level >= INFO && CANARIES.test(line)), lines };
  }

  it.each(MODELS)('logs no prompt and no response at info and above: %s', async (model) => {
    const { post, leaks, lines } = await startWithCanaries();
    await Promise.all(ROUTES.map(async ([path, body, init]) => (await post(path, { ...body, model }, init)).text()));
    expect(lines().filter(({ level }) => level >= INFO).length).toBeGreaterThanOrEqual(ROUTES.length);
    expect(leaks()).toEqual([]);
  });

  it('logs the text of a provider at debug', async () => {
    const { post, lines } = await startWithCanaries();
    await (await post('/api/v1/generate', { prompt: PROMPT, model: 'status_500' })).text();
    const debug = lines().filter(({ level, line }) => level < INFO && line.includes(PROMPT));
    expect(debug.length).toBeGreaterThan(0);
    expect(debug.map(({ line }) => line).join('')).not.toContain('sk-canary');
  });

  it.each(ROUTES)('logs no part of an invalid request at info and above: %s %j', async (path, body, init) => {
    const { post, leaks } = await startWithCanaries();
    for (const invalid of invalidBodies(body)) await (await post(path, invalid, init)).text();
    expect(leaks()).toEqual([]);
  });
});
