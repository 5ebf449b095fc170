import { expect, it } from 'vitest';
import { chainOf, createConversation, createMessage } from '../state/state.test-support.ts';
import { contextUsage } from './context-usage.ts';

const conversation = createConversation({ system_prompt: 'x'.repeat(40) });
const usage = { prompt_tokens: 90, completion_tokens: 10, total_tokens: 100 };

it('uses the tokens that the provider has counted for the latest response', () => {
  const messages = [...chainOf('q1'), createMessage('r1', { usage })];
  expect(contextUsage({ conversation, messages, hasEarlier: false })).toEqual({ tokens: 100, isEstimated: false });
});

it('estimates what follows the latest measured response', () => {
  const messages = [createMessage('r1', { usage }), createMessage('q2', { content: 'x'.repeat(400) })];
  expect(contextUsage({ conversation, messages, hasEarlier: false })).toEqual({ tokens: 200, isEstimated: true });
});

it('estimates a conversation without a measured response, with its system prompt', () => {
  const messages = [createMessage('q1', { content: 'x'.repeat(40) })];
  expect(contextUsage({ conversation, messages, hasEarlier: false })).toEqual({ tokens: 20, isEstimated: true });
});
