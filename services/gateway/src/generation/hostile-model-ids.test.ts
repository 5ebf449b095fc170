import type { ModelProvider } from '@prodigon/ports';
import { createSeededRandom, hostileText } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { shareGateway } from '../gateway-harness.test-support.ts';
import { STREAM } from './generation.test-support.ts';

const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
const messages = [{ role: 'user', content: 'Hi' }];

const ROUTES = [
  ['/api/v1/generate', { prompt: 'Hi' }],
  [STREAM, { prompt: 'Hi' }],
  ['/v1/chat/completions', { messages }],
  ['/v1/chat/completions', { messages, stream: true }],
  ['/v1/responses', { input: 'Hi' }],
  ['/v1/responses', { input: 'Hi', stream: true }],
  ['/v1/embeddings', { input: 'Hi' }],
] as const;

const random = createSeededRandom('model-ids');
const ACCEPTED = [
  'llama-😀',
  '👩‍🚀',
  '\u{10ffff}',
  'line\nbreak\r\nx-injected: 1',
  'separators\u2028\u2029\u0085',
  '\u202eright-to-left\u2066',
  '\ufeffmarked',
  'quote"back\\slash%41',
  '\u0001\u001b[31m\u007f',
  ...Array.from({ length: 8 }, () => `id ${hostileText(random, 6).replaceAll('\0', '')}`),
];
const REFUSED = ['half-\ud83d', '\ude00-half', '\ude00\ud83d', 'null\0'];

/** Accepts any model id and records the ids that it receives. */
function createAnyModelProvider() {
  const called: string[] = [];
  const provider: ModelProvider = {
    name: 'any',
    offline: false,
    models: async () => [],
    async complete({ model }) {
      called.push(model);
      return { text: 'Hello', finish: 'stop', usage: USAGE };
    },
    async *stream({ model }) {
      called.push(model);
      yield [
        { type: 'text', text: 'Hello' },
        { type: 'finish', reason: 'stop' },
        { type: 'usage', usage: USAGE },
      ];
    },
    async embed({ model }) {
      called.push(model);
      return { body: JSON.stringify({ object: 'list', data: [], model, usage: USAGE }), usage: USAGE };
    },
  };
  return { called, providers: [{ endpoints: [provider], acceptsOtherIds: true }] };
}

describe.each(['in one process', 'over HTTP/2'] as const)('model service %s', (topology) => {
  const start = shareGateway(topology);

  it.each(ROUTES)('serves any well-formed model id with one call, and records it unchanged: %s %j', async (path, body) => {
    const { called, providers } = createAnyModelProvider();
    const { post, records, flushUsage, log } = await start({ topology, providers });
    for (const model of ACCEPTED) {
      const response = await post(path, { ...body, model });
      expect([model, response.status, (await response.text()).includes('INTERNAL_ERROR')]).toEqual([model, 200, false]);
      expect(response.headers.has('x-injected')).toBe(false);
    }
    expect(called).toEqual(ACCEPTED);
    await flushUsage();
    expect(records.map(({ model }) => model)).toEqual(ACCEPTED.map((model) => model.split('?')[0]));
    for (const line of log().trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  });

  it.each(ROUTES)('refuses a model id that cannot be stored before it calls a provider: %s %j', async (path, body) => {
    const { called, providers } = createAnyModelProvider();
    const { post } = await start({ topology, providers });
    for (const model of REFUSED) {
      const { status } = await post(path, { ...body, model });
      expect([model, status >= 400 && status < 500]).toEqual([model, true]);
    }
    expect(called).toEqual([]);
  });
});
