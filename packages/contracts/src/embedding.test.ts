import { describe, expect, it } from 'vitest';
import { embeddingRequestSchema, encodeEmbedding } from './embedding.ts';

const VECTOR = [0.5, -1, 3.1415927410125732];
/** `VECTOR` as little-endian 32-bit floats in base64. */
const BASE64 = 'AAAAPwAAgL/bD0lA';

describe('an embedding request', () => {
  it.each([
    ['a text', 'Hi'],
    ['texts', ['Hi', 'there']],
    ['tokens', [1, 2]],
    ['lists of tokens', [[1], [2, 3]]],
  ])('accepts %s', (_case, input) => {
    expect(embeddingRequestSchema.parse({ input })).toEqual({ input, encoding_format: 'float' });
  });

  it.each([
    ['a missing input', undefined],
    ['an empty text', ''],
    ['an empty list', []],
    ['an empty text among others', ['Hi', '']],
    ['an empty list of tokens', [[1], []]],
    ['a mix of texts and tokens', ['Hi', 1]],
    ['more than 2048 texts', Array.from({ length: 2_049 }, () => 'Hi')],
  ])('rejects %s', (_case, input) => {
    expect(embeddingRequestSchema.safeParse({ input }).success).toBe(false);
  });

  it('accepts values at their limits and rejects those beyond', () => {
    const isAccepted = (fields: object) => embeddingRequestSchema.safeParse({ input: 'Hi', ...fields }).success;
    const texts = Array.from({ length: 2_048 }, () => 'H');
    const lists = Array.from({ length: 2_048 }, () => [0]);
    const accepted = [{ input: texts }, { input: lists }, { model: 'm' }, { model: 'm'.repeat(256) }, { dimensions: 1 }];
    const rejected = [{ input: [...lists, [0]] }, { input: [-1] }, { model: '' }, { model: 'm'.repeat(257) }, { dimensions: 0 }];
    expect(accepted.map(isAccepted)).toEqual(accepted.map(() => true));
    expect(rejected.map(isAccepted)).toEqual(rejected.map(() => false));
  });

  it('keeps unknown fields', () => {
    expect(embeddingRequestSchema.parse({ input: 'Hi', input_type: 'query' })).toMatchObject({ input_type: 'query' });
  });
});

describe('an embedding', () => {
  it('is encoded as numbers or as base64 of little-endian floats', () => {
    expect(encodeEmbedding(Float32Array.from(VECTOR), 'float')).toEqual(VECTOR);
    expect(encodeEmbedding(VECTOR, 'base64')).toBe(BASE64);
    expect([...new Float32Array(Uint8Array.from(Buffer.from(BASE64, 'base64')).buffer)]).toEqual(VECTOR);
  });
});
