import { expect, it } from 'vitest';
import { createChunkNormalizer } from './chunk-normalizer.ts';

const HEADER = { id: 'c', created: 1, model: 'm' };

it.each([1e9, -1, 128, 1.5, null, undefined])('takes the position of a choice for an index of %s', (index) => {
  const chunk = {
    ...HEADER,
    object: 'chat.completion.chunk',
    choices: [{ index, delta: { content: 'x' }, finish_reason: null }],
  };
  expect(createChunkNormalizer(HEADER).normalize(chunk)).toMatchObject({
    body: { choices: [{ index: 0, delta: { content: 'x' } }] },
    content: [{ type: 'text', text: 'x' }],
  });
});
