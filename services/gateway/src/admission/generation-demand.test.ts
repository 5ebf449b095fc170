import { describe, expect, it } from 'vitest';
import { chatDemand, embeddingDemand } from './generation-demand.ts';

const messages = [{ role: 'user' as const, content: 'x'.repeat(400) }];

describe('the tokens that a chat request reserves', () => {
  it.each([
    ['a maximum of output tokens', { max_tokens: 50 }, 150],
    ['a maximum of completion tokens', { max_completion_tokens: 70, max_tokens: 50 }, 170],
    ['no maximum', {}, 1_100],
    ['several choices', { n: 3, max_tokens: 50 }, 250],
    ['a negative maximum, which the provider rejects', { max_tokens: -500 }, 100],
  ])('are those of the prompt and the output with %s', (_case, fields, tokens) => {
    const { estimateTokens, isStream } = chatDemand({ messages, ...fields }, { isStream: true });
    expect([estimateTokens?.(), isStream]).toEqual([tokens, true]);
  });
});

describe('the tokens that an embedding request reserves', () => {
  it.each([
    ['a text', 'x'.repeat(10), 3],
    ['texts', ['x'.repeat(10), 'y'], 4],
    ['tokens', [1, 2, 3], 3],
    ['lists of tokens', [[1], [2, 3]], 3],
  ])('are those of %s', (_case, input, tokens) => {
    expect(embeddingDemand({ input, encoding_format: 'float' }).estimateTokens?.()).toBe(tokens);
  });
});
