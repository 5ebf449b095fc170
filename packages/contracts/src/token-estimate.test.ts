import { expect, it } from 'vitest';
import { estimateUsage } from './token-estimate.ts';

it.each([
  [['12345678'], 4, 2, 1],
  [['12345678', '9'], 5, 3, 2],
  [[''], 0, 0, 0],
])(
  'estimates one token for each four characters of %j and of %i completion characters, rounded up',
  (texts, characters, prompt, completion) => {
    const messages = texts.map((content) => ({ role: 'user' as const, content }));
    expect(estimateUsage({ messages }, characters)).toEqual({
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
    });
  },
);
