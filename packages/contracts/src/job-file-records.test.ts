import { expect, it } from 'vitest';
import { parseJobInput } from './job-file-records.ts';
import { jobInputSchema } from './jobs.ts';

const TEXTS = [
  undefined,
  null,
  0,
  {},
  [],
  '',
  ' ',
  '\t\n\u00a0\u2028\ufeff',
  'x',
  ' x ',
  'x\0',
  '\ud83d',
  'x\udc00',
  '😀',
  'x'.repeat(128),
  'x'.repeat(129),
];
const LONG_PROMPTS = [
  'x'.repeat(1_000_000),
  'x'.repeat(1_000_001),
  ' '.repeat(1_000_001),
  '😀'.repeat(500_000),
  '😀'.repeat(500_001),
];
const VALUES: unknown[] = [
  ...[undefined, null, true, 1, 'x', [], ['x'], [{ prompt: 'x' }], {}],
  ...LONG_PROMPTS.map((prompt) => ({ prompt })),
  ...TEXTS.flatMap((prompt) => [{ prompt }, ...TEXTS.map((custom_id) => ({ prompt, custom_id }))]),
  { prompt: 'x', model: 'y' },
  JSON.parse('{"prompt":"x","__proto__":"y"}'),
];

it('accepts and rejects the same values as jobInputSchema', () => {
  for (const value of VALUES) {
    const expected = jobInputSchema.safeParse(value);
    const actual = parseJobInput(value);
    if (expected.success) expect(actual).toEqual({ input: expected.data });
    else expect(actual).toMatchObject({ problem: { path: expected.error.issues[0]?.path.join('.') } });
  }
});

it.each([
  {
    custom_id: 'a',
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'm', messages: [{ role: 'user', content: 'x' }] },
  },
  { custom_id: 'a', method: 'POST', url: '/v1/embeddings', body: { model: 'm', input: 'x' } },
  { method: 'POST', url: '/v1/responses', body: null },
])("names OpenAI's batch requests", (value) => {
  expect(parseJobInput(value)).toEqual({
    problem: {
      path: '',
      message: expect.stringMatching(/^Is a request of OpenAI's Batch API; write \{"custom_id": "…", "prompt": "…"\}/),
    },
  });
});
