import { AppError, flattenIssues } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseField, responsesRequestSchema } from './responses-request.ts';

const accepts = (body: Record<string, unknown>) => responsesRequestSchema.safeParse({ input: 'Hi', ...body }).success;

describe('limits of a Responses request', () => {
  const format = (name: string) => ({ text: { format: { type: 'json_schema', name, schema: {} } } });
  it.each([
    ['items of the input', (count: number) => ({ input: Array(count).fill({}) }), 1, 8_192],
    ['characters of a text input', (count: number) => ({ input: 'x'.repeat(count) }), 1, Number.POSITIVE_INFINITY],
    ['tools', (count: number) => ({ tools: Array(count).fill({ type: 'function' }) }), 0, 128],
    ['characters of the model', (count: number) => ({ model: 'x'.repeat(count) }), 1, 256],
    ['characters of the name of a format', (count: number) => format('x'.repeat(count)), 1, 64],
    ['output tokens', (count: number) => ({ max_output_tokens: count }), 1, Number.POSITIVE_INFINITY],
    ['temperature', (count: number) => ({ temperature: count }), 0, 2],
    ['tool calls', (count: number) => ({ max_tool_calls: count }), 1, Number.POSITIVE_INFINITY],
    ['top_logprobs', (count: number) => ({ top_logprobs: count }), 0, 20],
    [
      'pairs of the metadata',
      (count: number) => ({ metadata: Object.fromEntries(Array.from({ length: count }, (_, key) => [key, ''])) }),
      0,
      16,
    ],
    ['top_p', (count: number) => ({ top_p: count }), 0, 1],
    ['characters of a metadata key', (count: number) => ({ metadata: { ['x'.repeat(count)]: '' } }), 0, 64],
    ['characters of a metadata value', (count: number) => ({ metadata: { key: 'x'.repeat(count) } }), 0, 512],
  ])('apply to %s', (_case, bodyWith, min, max) => {
    expect(accepts(bodyWith(min))).toBe(true);
    if (min > 0) expect(accepts(bodyWith(min - 1))).toBe(false);
    if (max === Number.POSITIVE_INFINITY) return;
    expect(accepts(bodyWith(max))).toBe(true);
    expect(accepts(bodyWith(max + 1))).toBe(false);
  });
});

it('names the first items of the input that are not objects, or whose type is not a text', () => {
  const problemsOf = (input: unknown) =>
    responsesRequestSchema
      .safeParse({ input })
      .error?.issues.flatMap((issue) => flattenIssues([issue]).map(({ path, message }) => [path.join('.'), message]));
  expect(problemsOf([{ type: null }, 7, { type: 7 }])).toEqual([
    ['input.1', 'Must be an object'],
    ['input.2.type', 'Must be a string'],
  ]);
  expect(problemsOf(Array(8_192).fill({ type: 7 }))).toHaveLength(5);
});

describe('a field that does not fit its schema', () => {
  function failureOf(value: unknown): AppError {
    const problem = z.object({ name: z.string(), sizes: z.array(z.number()) });
    try {
      parseField(problem, value, 'tools[0]');
    } catch (thrown) {
      if (thrown instanceof AppError) return thrown;
    }
    return expect.unreachable('The field fits its schema.');
  }

  it('is reported with the path of each problem', () => {
    const { code, details, message } = failureOf({ name: 'x', sizes: [1, 'x'] });
    expect([code, details]).toEqual(['BAD_REQUEST', [{ path: 'tools[0].sizes[1]', message: expect.any(String) }]]);
    expect(message).toContain('tools[0].sizes[1]: ');
  });

  it('is described by its first five problems', () => {
    const { details, message } = failureOf({ name: 'x', sizes: Array(6).fill('x') });
    expect(details).toHaveLength(6);
    expect(message).toContain('sizes[4]');
    expect(message).not.toContain('sizes[5]');
  });
});
