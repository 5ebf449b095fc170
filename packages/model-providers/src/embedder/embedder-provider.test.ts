import { AppError } from '@prodigon/contracts';
import type { CallContext, ProviderRequest } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { embedText } from './embed-text.ts';
import { createEmbedderProvider } from './embedder-provider.ts';

const provider = createEmbedderProvider();
const context = { signal: new AbortController().signal } as CallContext;
const embed = (fields: { input: string | string[] | number[]; dimensions?: number; encoding_format?: 'float' | 'base64' }) =>
  provider.embed({ model: 'prodigon-embed', encoding_format: 'float', ...fields }, context);
const bodyOf = async (fields: Parameters<typeof embed>[0]) => JSON.parse((await embed(fields)).body);

describe('the offline embedding model', () => {
  it('returns one vector for each text in order, with 256 dimensions by default', async () => {
    const { object, model, data } = await bodyOf({ input: ['one', 'two'] });
    expect([object, model]).toEqual(['list', 'prodigon-embed']);
    expect(data).toEqual([
      { object: 'embedding', index: 0, embedding: [...embedText('one', 256)] },
      { object: 'embedding', index: 1, embedding: [...embedText('two', 256)] },
    ]);
  });

  it('encodes vectors as base64 on request', async () => {
    const { data } = await bodyOf({ input: 'one', dimensions: 8, encoding_format: 'base64' });
    expect(Buffer.from(data[0].embedding, 'base64')).toEqual(Buffer.from(embedText('one', 8).buffer));
  });

  it('estimates one token for each four characters of a text, rounded up', async () => {
    const { usage, body } = await embed({ input: ['12345678', '9', ''] });
    expect(usage).toEqual({ prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 });
    expect(JSON.parse(body).usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  });

  it.each([
    ['8 dimensions', { input: 'a', dimensions: 8 }, { input: 'a', dimensions: 7 }, 'dimensions'],
    ['1024 dimensions', { input: 'a', dimensions: 1_024 }, { input: 'a', dimensions: 1_025 }, 'dimensions'],
    ['32,768 characters', { input: 'a'.repeat(32_768) }, { input: ['a', 'a'.repeat(32_769)] }, 'input'],
    ['texts', { input: 'a' }, { input: [1, 2] }, 'input'],
  ])('accepts %s, and nothing beyond', async (_case, accepted, rejected, path) => {
    expect((await bodyOf(accepted)).data).toHaveLength(1);
    await expect(embed(rejected)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ path, message: expect.stringContaining('prodigon-embed accepts') }],
    });
  });

  it('stops between two texts when the client disconnects', async () => {
    const reason = new AppError('CANCELLED');
    const request = { model: 'm', input: ['a', 'b'], encoding_format: 'float' as const };
    await expect(provider.embed(request, { signal: AbortSignal.abort(reason) } as CallContext)).rejects.toBe(reason);
  });

  it('is listed as an offline embedding model and rejects chat', async () => {
    expect(provider).toMatchObject({ name: 'offline', offline: true });
    expect(await provider.models(context.signal)).toMatchObject([{ id: 'prodigon-embed', kind: 'embedding' }]);
    const request: ProviderRequest = { model: 'prodigon-embed', messages: [] };
    await expect(provider.complete(request, context)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    const first = provider.stream(request, context)[Symbol.asyncIterator]().next();
    await expect(first).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});
