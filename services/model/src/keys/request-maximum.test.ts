import type { ChatRequest } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import type { Target } from '../inference/model-catalog.ts';
import { maximumOf, sizeOfChat, sizeOfEmbedding } from './request-maximum.ts';

const chatOf = (content: unknown, rest: Partial<ChatRequest> = {}) =>
  sizeOfChat({ messages: [{ role: 'user', content }], ...rest } as ChatRequest);
const targetOf = (metadata: Target['metadata'], offline = false) => ({ metadata, offline }) as Target;

describe('size of a prompt', () => {
  it.each([
    ['English prose', 'The quick brown fox jumps over the lazy dog. ', 10],
    ['Chinese', '敏捷的棕色狐狸跳过了懒狗。', 17],
    ['digits', '3141592653589793', 16],
    ['emoji', '👩‍👩‍👧‍👦', 18],
  ])('is at least the tokens of %s by the least efficient tokenizer', (_case, text, tokens) => {
    const repeated = chatOf(text.repeat(1_000)).promptTokens;
    expect(repeated).toBeGreaterThanOrEqual(tokens * 1_000);
    expect(repeated).toBeLessThanOrEqual(new TextEncoder().encode(text).length * 1_000 + 400);
  });

  it('includes tools and formats', () => {
    const description = 'x'.repeat(5_000);
    const tools = [{ type: 'function', function: { name: 'search', description } }] as ChatRequest['tools'];
    expect(chatOf('a', { tools }).promptTokens).toBeGreaterThan(5_000);
  });

  it('counts an image by the dearest size, not by its bytes', () => {
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(1_000_000)}` } };
    expect(chatOf([image, image]).promptTokens).toBeGreaterThan(96_338);
    expect(chatOf([image, image]).promptTokens).toBeLessThan(101_000);
  });

  it('counts the texts and the token ids of embeddings', () => {
    const sizeOf = (input: string | string[] | number[] | number[][]) =>
      sizeOfEmbedding({ input, encoding_format: 'float' }).promptTokens;
    expect(sizeOf([[1, 2, 3], [4]])).toBe(4);
    expect(sizeOf(['x'.repeat(1_000), 'y'])).toBeGreaterThanOrEqual(1_001);
  });
});

describe('maximum of a request', () => {
  const size = { promptTokens: 1_000, choices: 2, outputTokens: undefined };

  it('has the output of the request, else of the model, else its context, for each choice', () => {
    const tokens = (outputTokens: number | undefined, metadata: Target['metadata']) =>
      maximumOf({ ...size, outputTokens }, [targetOf(metadata)]).tokensMax;
    expect(tokens(5, { outputTokensMax: 50, contextTokens: 500 })).toBe(1_010);
    expect(tokens(undefined, { outputTokensMax: 50, contextTokens: 500 })).toBe(1_100);
    expect(tokens(undefined, { contextTokens: 500 })).toBe(2_000);
    expect(tokens(undefined, {})).toBe(263_144);
  });

  it('has the price of the dearest model', () => {
    const [cheap, dear] = [1, 10].map((input) => targetOf({ price: { input, output: 2 * input }, outputTokensMax: 500 }));
    const free = targetOf({ price: { input: 99, output: 99 } }, true);
    expect(maximumOf(size, [cheap, dear, free] as Target[]).usdMax).toBeCloseTo((1_000 * 10 + 1_000 * 20) / 1e6, 12);
    expect(maximumOf(size, [free, targetOf({})]).usdMax).toBe(0);
  });

  it.each([[0], [-1], [null]])('ignores a limit of %s', (max_tokens) => {
    expect(chatOf('a', { max_tokens }).outputTokens).toBeUndefined();
  });
});
