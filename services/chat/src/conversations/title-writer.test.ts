import { AppError, type ChatRequest } from '@prodigon/contracts';
import type { Conversation } from '@prodigon/contracts/conversations';
import { createLogger } from '@prodigon/platform';
import type { CallContext, Completion } from '@prodigon/ports';
import { expect, it } from 'vitest';
import { cleanTitle, createTitleWriter, type FirstTurn } from './title-writer.ts';

const context: CallContext = {
  requestId: 'r',
  traceparent: '',
  principal: { id: 'ada', keyId: 'k1' },
  deadline: 0,
  attemptsMax: 5,
  signal: AbortSignal.abort(),
};

function createTurn({ title_source = 'question', ...values }: Partial<FirstTurn & Pick<Conversation, 'title_source'>> = {}) {
  const conversation = { id: 'c1', title_source } as Conversation;
  return { conversation, question: 'secret question', response: 'secret response', model: 'a', context, ...values };
}

function start({
  complete,
  isOffline = false,
  isEnabled = true,
}: {
  complete: () => Promise<string>;
  isOffline?: boolean;
  isEnabled?: boolean;
}) {
  const calls: [ChatRequest, CallContext][] = [];
  const suggested: unknown[][] = [];
  const lines: string[] = [];
  const draining = new AbortController();
  const titles = createTitleWriter({
    store: { suggestTitle: async (...values) => void suggested.push(values) },
    model: {
      async complete(request, call) {
        calls.push([request, call]);
        return { text: await complete() } as Completion;
      },
    },
    catalog: { resolve: async (id) => ({ id: `${id}`, model: `${id}?seed=1`, isOffline, warning: null }) },
    lifecycle: { draining: draining.signal },
    logger: createLogger({
      service: 'test',
      level: 'trace',
      secrets: [],
      destination: { write: (line) => void lines.push(line) },
    }),
    isEnabled,
  });
  return { titles, calls, suggested, lines, draining };
}

it('suggests the title that the model writes, charged to the owner of the turn', async () => {
  const { titles, calls, suggested } = start({ complete: async () => '"Breaking circuits."\n' });
  titles.afterTurn(createTurn());
  await titles.idle();
  expect(suggested).toEqual([['ada', 'c1', 'Breaking circuits', 'model']]);
  const [request, call] = calls[0] ?? [];
  expect(request).toMatchObject({ model: 'a?seed=1', max_tokens: 400 });
  expect(call).toMatchObject({ principal: { id: 'ada', keyId: 'k1' }, attemptsMax: 1 });
  // The turn has ended, and its signal with it.
  expect(call?.signal.aborted).toBe(false);
});

it.each([
  ['an offline model', { isOffline: true }, {}],
  ['the setting off', { isEnabled: false }, {}],
  ['a title of the user', {}, { title_source: 'user' as const }],
  ['a title of a model', {}, { title_source: 'model' as const }],
  ['an empty response', {}, { response: ' \n' }],
])('makes no call with %s', async (_, options, turn) => {
  const { titles, calls } = start({ complete: async () => 'A', ...options });
  titles.afterTurn(createTurn(turn));
  await titles.idle();
  expect(calls).toEqual([]);
});

it('ignores a failure, makes no second call, and logs no text', async () => {
  const { titles, calls, suggested, lines } = start({
    complete: async () => {
      throw new AppError('RATE_LIMITED', 'secret reason');
    },
  });
  titles.afterTurn(createTurn());
  await titles.idle();
  expect([calls.length, suggested]).toEqual([1, []]);
  expect(lines.join('')).toContain('RATE_LIMITED');
  expect(lines.join('')).not.toContain('secret');
});

it('limits the calls that run concurrently, and aborts them when the process drains', async () => {
  let release = () => {};
  const response = new Promise<string>((resolve) => {
    release = () => resolve('A');
  });
  const { titles, calls, draining } = start({ complete: () => response });
  for (let count = 0; count < 20; count += 1) titles.afterTurn(createTurn());
  draining.abort();
  release();
  await titles.idle();
  expect(calls).toHaveLength(8);
  expect(calls.every(([, { signal }]) => signal.aborted)).toBe(true);
});

it.each([
  ['Load balancing', 'Load balancing'],
  ['\n  **Title: "Load balancing"**\nBecause …', 'Load balancing'],
  ['„Lastverteilung“', 'Lastverteilung'],
  ["Why C's `malloc` fails", "Why C's `malloc` fails"],
  ['...', ''],
  ['', ''],
])('cleans the title %j', (text, title) => {
  expect(cleanTitle(text)).toBe(title);
});

it('cuts a long title', () => {
  expect(cleanTitle('word '.repeat(1_000)).length).toBeLessThanOrEqual(80);
});
