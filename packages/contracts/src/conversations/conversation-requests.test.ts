import { expect, it } from 'vitest';
import { CONVERSATION_LIMITS, createMessageSchema, createTurnSchema } from './index.ts';

const messageWith = (meta: unknown) => createMessageSchema.safeParse({ role: 'user', content: 'Hi', meta });

it('limits the metadata of a message to its maximum bytes, not characters', () => {
  // The JSON of the object has 8 bytes beside its text.
  const bytes = CONVERSATION_LIMITS.metaBytesMax - 8;
  expect(messageWith({ a: 'x'.repeat(bytes) }).success).toBe(true);
  expect(messageWith({ a: 'x'.repeat(bytes + 1) }).success).toBe(false);
  expect(messageWith({ a: 'é'.repeat(bytes / 2 + 1) }).success).toBe(false);
});

it.each([
  ['a value', { a: 'a\0' }],
  ['a key', { 'a\0': 1 }],
  ['a nested list', { a: [{ b: ['\ud800'] }] }],
])('rejects metadata whose text cannot be stored unchanged in %s', (_place, meta) => {
  expect(messageWith(meta).success).toBe(false);
});

it('accepts the ids of attachments in any case', () => {
  const id = '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e';
  const turn = createTurnSchema.parse({ content: 'Hi', attachment_ids: [id.toUpperCase()] });
  expect(turn.attachment_ids).toEqual([id]);
});
