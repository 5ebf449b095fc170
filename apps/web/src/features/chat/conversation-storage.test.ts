import { describe, expect, it } from 'vitest';
import { restoreConversation } from './conversation-storage.ts';

const holding = (turns: unknown) => {
  const kept = new Map([['prodigon.conversation.1', JSON.stringify(turns)]]);
  return { getItem: (key: string) => kept.get(key) ?? null } as Storage;
};

describe('a conversation that was kept', () => {
  it('by an older version of the page is read, with nothing of what that did not know', () => {
    const answer = {
      state: 'done',
      text: 'Hello',
      reasoning: '',
      requestedAt: 1,
      model: 'm',
      usage: null,
      finish: null,
      failure: null,
    };
    const { turns } = restoreConversation(holding([{ id: '1', prompt: 'Hi', model: null, answer }]));
    expect(turns[0]?.answer).toEqual({ ...answer, fallbacks: [], warning: null });
  });

  it('while an answer was being written has it interrupted', () => {
    const { turns } = restoreConversation(holding([{ id: '1', prompt: 'Hi', answer: { state: 'streaming', text: 'Hel' } }]));
    expect(turns[0]?.answer).toMatchObject({ state: 'interrupted', text: 'Hel' });
  });

  it('is empty when it cannot be read', () => {
    expect(restoreConversation({ getItem: () => '{' } as unknown as Storage).turns).toEqual([]);
  });
});
