import { describe, expect, it } from 'vitest';
import { redactUnknown } from './provider-errors.ts';
import { readModelIds } from './provider-responses.ts';

const modelIdsOf = (body: unknown) => readModelIds(JSON.stringify(body), redactUnknown);

describe('a list of models', () => {
  it.each([
    ["OpenAI's format", { object: 'list', data: [{ id: 'a' }, { id: 'b' }] }],
    ['the list itself', [{ id: 'a' }, { id: 'b' }]],
    ['the name `models`', { models: [{ name: 'a' }, { name: 'b' }] }],
    ['texts', { data: ['a', 'b'] }],
    ['entries without an id between them', { data: [{ id: 'a' }, null, { id: '' }, { id: 7 }, {}, { id: 'b' }] }],
  ])('is read from %s', (_case, body) => {
    expect(modelIdsOf(body)).toEqual(['a', 'b']);
  });

  it.each([[{}], [{ data: null }], ['text'], [7]])('points at the base URL when %j is none', (body) => {
    expect(() => modelIdsOf(body)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('/v1'), retryable: false }),
    );
  });
});
