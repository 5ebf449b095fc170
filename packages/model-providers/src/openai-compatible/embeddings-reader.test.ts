import type { EmbeddingFormat } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { readEmbeddings } from './embeddings-reader.ts';
import { redactUnknown } from './provider-errors.ts';

const embeddingsOf = (body: unknown, format: EmbeddingFormat = 'float') =>
  readEmbeddings(JSON.stringify(body), { format, redact: redactUnknown });
const DATA = [
  { object: 'embedding', index: 0, embedding: [0.5, 1] },
  { object: 'embedding', index: 1, embedding: [1, 0.5] },
];
const USAGE = { prompt_tokens: 2, total_tokens: 2 };

describe('a list of embeddings', () => {
  it.each([
    ['numbers', { data: DATA, usage: USAGE }],
    ['base64', { data: [{ index: 0, embedding: 'AAAA' }], usage: USAGE }],
    ['no usage', { data: DATA }],
  ])('passes unchanged with %s', async (_case, body) => {
    expect(await embeddingsOf(body)).toMatchObject({ body: JSON.stringify(body) });
  });

  it('has the usage of the provider', async () => {
    expect((await embeddingsOf({ data: DATA, usage: USAGE })).usage).toEqual({ ...USAGE, completion_tokens: 0 });
  });

  it.each([
    ['null counts', { prompt_tokens: null, total_tokens: null }],
    ['a text', 'unknown'],
    ['null', null],
    ['an empty object', {}],
  ])('loses a malformed usage: %s', async (_case, usage) => {
    const read = await embeddingsOf({ data: DATA, usage });
    expect(read.usage?.isPartial ?? read.usage).not.toBe(false);
    expect(JSON.parse(read.body)).toEqual({ data: DATA });
  });

  it.each([
    ['texts', { prompt_tokens: '2', total_tokens: '2' }],
    ['only a prompt', { prompt_tokens: 2 }],
  ])('gets the counts that clients expect from %s', async (_case, usage) => {
    expect(JSON.parse((await embeddingsOf({ data: DATA, usage })).body).usage).toEqual(USAGE);
  });

  it('gets the indexes that are missing', async () => {
    const data = DATA.map(({ index: _, ...rest }) => rest);
    expect(JSON.parse((await embeddingsOf({ data, usage: USAGE })).body).data).toEqual(DATA);
  });

  it.each([
    ['no data', {}],
    ['an empty list', { data: [] }],
    ['an embedding without a vector', { data: [{ index: 0 }] }],
    ['a vector of texts', { data: [{ embedding: ['a'] }] }],
    ['a text', 'text'],
  ])('is rejected with %s', async (_case, body) => {
    await expect(embeddingsOf(body)).rejects.toThrow(expect.objectContaining({ code: 'INFERENCE_ERROR' }));
  });

  it('is the error in its body', async () => {
    await expect(embeddingsOf({ error: { code: 'insufficient_quota', message: 'No' } })).rejects.toThrow(
      expect.objectContaining({ code: 'QUOTA_EXHAUSTED' }),
    );
  });

  it('is converted to base64 on request, with everything else unchanged', async () => {
    const body = { note: 'say "embedding": [1] \\"embedding":"x"', data: DATA, usage: USAGE, more: [{ embedding: null }] };
    const { body: converted } = await embeddingsOf(body, 'base64');
    const data = DATA.map((each, index) => ({ ...each, embedding: ['AAAAPwAAgD8=', 'AACAPwAAAD8='][index] }));
    expect(JSON.parse(converted)).toEqual({ ...body, data });
  });

  it.each(['float', 'base64'] as const)('is read in turns of the event loop as %s', async (format) => {
    const vector = Array.from({ length: 3_072 }, (_, index) => index / 3_072);
    const data = Array.from({ length: 200 }, (_, index) => ({ object: 'embedding', index, embedding: vector }));
    let turns = 0;
    let isDone = false;
    const tick = () => {
      turns += 1;
      if (!isDone) setImmediate(tick);
    };
    setImmediate(tick);
    const read = await embeddingsOf({ data, usage: USAGE }, format);
    isDone = true;
    expect(turns).toBeGreaterThanOrEqual(8);
    expect(JSON.parse(read.body).data).toHaveLength(200);
  });
});
