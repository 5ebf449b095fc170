import { describe, expect, it } from 'vitest';
import { redactUnknown } from './provider-errors.ts';
import { readEmbeddings, readModelIds } from './provider-responses.ts';

const embeddingsOf = (body: unknown) => readEmbeddings(JSON.stringify(body), redactUnknown);
const modelIdsOf = (body: unknown) => readModelIds(JSON.stringify(body), redactUnknown);
const DATA = [
  { object: 'embedding', index: 0, embedding: [0.5, 1] },
  { object: 'embedding', index: 1, embedding: [1, 0.5] },
];
const USAGE = { prompt_tokens: 2, total_tokens: 2 };

describe('a list of embeddings', () => {
  it.each([
    ['numbers', { data: DATA, usage: USAGE }, true],
    ['base64', { data: [{ index: 0, embedding: 'AAAA' }], usage: USAGE }, false],
    ['no usage', { data: DATA }, true],
  ])('passes unchanged with %s', (_case, body, hasNumbers) => {
    expect(embeddingsOf(body)).toMatchObject({ body: JSON.stringify(body), hasNumbers });
  });

  it('has the usage of the provider', () => {
    expect(embeddingsOf({ data: DATA, usage: USAGE }).usage).toEqual({ ...USAGE, completion_tokens: 0 });
  });

  it.each([
    ['null counts', { prompt_tokens: null, total_tokens: null }],
    ['a text', 'unknown'],
    ['an empty object', {}],
  ])('loses a malformed usage: %s', (_case, usage) => {
    const read = embeddingsOf({ data: DATA, usage });
    expect(read.usage?.isPartial ?? read.usage).not.toBe(false);
    expect(JSON.parse(read.body)).toEqual({ data: DATA });
  });

  it.each([
    ['texts', { prompt_tokens: '2', total_tokens: '2' }],
    ['only a prompt', { prompt_tokens: 2 }],
  ])('gets the counts that clients expect from %s', (_case, usage) => {
    expect(JSON.parse(embeddingsOf({ data: DATA, usage }).body).usage).toEqual(USAGE);
  });

  it('gets the indexes that are missing', () => {
    const data = DATA.map(({ index: _, ...rest }) => rest);
    expect(JSON.parse(embeddingsOf({ data, usage: USAGE }).body).data).toEqual(DATA);
  });

  it.each([
    ['no data', {}],
    ['an empty list', { data: [] }],
    ['an embedding without a vector', { data: [{ index: 0 }] }],
    ['a vector of texts', { data: [{ embedding: ['a'] }] }],
    ['a text', 'text'],
  ])('is rejected with %s', (_case, body) => {
    expect(() => embeddingsOf(body)).toThrow(expect.objectContaining({ code: 'INFERENCE_ERROR' }));
  });

  it('is the error in its body', () => {
    expect(() => embeddingsOf({ error: { code: 'insufficient_quota', message: 'No' } })).toThrow(
      expect.objectContaining({ code: 'QUOTA_EXHAUSTED' }),
    );
  });
});

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
