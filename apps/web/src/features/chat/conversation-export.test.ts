import { expect, it } from 'vitest';
import { queuedResponse, type Turn } from './conversation.ts';
import { exportConversation } from './conversation-export.ts';

it('exports questions with their responses and models', () => {
  const response = { ...queuedResponse, state: 'done', text: 'Hello', model: 'm', requestedAt: 0 } as const;
  const turn: Turn = { id: '1', prompt: 'Hi', model: null, response, earlierResponses: [] };
  expect(JSON.parse(exportConversation([turn]))).toEqual({
    turns: [
      { question: 'Hi', model: 'm', requested_at: '1970-01-01T00:00:00.000Z', state: 'done', response: 'Hello', usage: null },
    ],
  });
});
