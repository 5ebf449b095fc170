import { GENERATION_LIMITS } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { type ChatResponse, queuedResponse, type Turn } from './conversation.ts';
import { historyOf } from './conversation-history.ts';

const REQUEST = { prompt: 'Now?' };
const messagesOf = (turns: readonly Turn[]) => historyOf(turns, REQUEST).messages;

function turn(prompt: string, response: Partial<ChatResponse>): Turn {
  return { id: prompt, prompt, model: null, response: { ...queuedResponse, ...response }, earlierResponses: [] };
}

describe('historyOf', () => {
  it('returns earlier turns as pairs of messages, oldest first', () => {
    const turns = [turn('one', { state: 'done', text: 'first' }), turn('two', { state: 'done', text: 'second' })];
    expect(messagesOf(turns)).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'first' },
      { role: 'user', content: 'two' },
      { role: 'assistant', content: 'second' },
    ]);
  });

  it('includes stopped, interrupted and failed responses with text, which the user has seen', () => {
    const turns = [
      turn('one', { state: 'stopped', text: 'half' }),
      turn('two', { state: 'interrupted', text: 'part' }),
      turn('three', { state: 'failed', text: 'some' }),
    ];
    expect(messagesOf(turns).map(({ content }) => content)).toEqual(['one', 'half', 'two', 'part', 'three', 'some']);
  });

  it('leaves out both messages of empty and unfinished turns', () => {
    const turns = [
      turn('failed', { state: 'failed' }),
      turn('empty', { state: 'done', text: ' \n' }),
      turn('running', { state: 'streaming', text: 'not yet' }),
      turn('queued', {}),
      turn('kept', { state: 'done', text: 'yes' }),
    ];
    expect(messagesOf(turns).map(({ content }) => content)).toEqual(['kept', 'yes']);
  });

  it('drops the oldest turns beyond the message limit of the API', () => {
    const many = Array.from({ length: GENERATION_LIMITS.messagesMax }, (_, index) =>
      turn(`question ${index}`, { state: 'done', text: `response ${index}` }),
    );
    const { messages: history, omittedTurns } = historyOf(many, REQUEST);
    expect(omittedTurns).toBe(GENERATION_LIMITS.messagesMax / 2);
    expect(history).toHaveLength(GENERATION_LIMITS.messagesMax);
    expect(history.at(0)).toEqual({ role: 'user', content: `question ${GENERATION_LIMITS.messagesMax / 2}` });
    expect(history.at(-1)?.content).toBe(`response ${GENERATION_LIMITS.messagesMax - 1}`);
  });

  it('leaves out a turn with a message longer than the API accepts', () => {
    const longest = 'x'.repeat(GENERATION_LIMITS.messageCharactersMax);
    expect(messagesOf([turn('long', { state: 'done', text: `${longest}x` })])).toEqual([]);
    expect(messagesOf([turn(`${longest}x`, { state: 'done', text: 'yes' })])).toEqual([]);
    expect(messagesOf([turn('longest', { state: 'done', text: longest })])).toHaveLength(2);
  });

  it('drops the oldest turns that do not fit into the body with the rest of the request', () => {
    const text = '\u00e9'.repeat(GENERATION_LIMITS.bodyBytesMax / 8);
    const turns = ['one', 'two', 'three', 'four'].map((prompt) => turn(prompt, { state: 'done', text }));
    const { messages, omittedTurns } = historyOf(turns, REQUEST);
    expect([messages.map(({ content }) => content.slice(0, 5)), omittedTurns]).toEqual([
      ['two', 'three', 'four'].flatMap((prompt) => [prompt, text.slice(0, 5)]),
      1,
    ]);
    expect(Buffer.byteLength(JSON.stringify({ ...REQUEST, messages }))).toBeLessThanOrEqual(GENERATION_LIMITS.bodyBytesMax);
    expect(historyOf(turns, { prompt: text, system_prompt: text }).omittedTurns).toBe(3);
  });

  it('counts no empty turn as omitted', () => {
    expect(historyOf([turn('failed', { state: 'failed' })], REQUEST)).toEqual({ messages: [], omittedTurns: 0 });
  });
});
