import { GENERATION_LIMITS } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { type Answer, queuedAnswer } from './answer.ts';
import { historyOf, type Turn } from './conversation.ts';

function turn(prompt: string, answer: Partial<Answer>): Turn {
  return { id: prompt, prompt, model: null, answer: { ...queuedAnswer, ...answer } };
}

describe('historyOf', () => {
  it('sends earlier turns as pairs, oldest first', () => {
    const turns = [turn('one', { state: 'done', text: 'first' }), turn('two', { state: 'done', text: 'second' })];
    expect(historyOf(turns)).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'first' },
      { role: 'user', content: 'two' },
      { role: 'assistant', content: 'second' },
    ]);
  });

  it('keeps what was stopped or interrupted, since the reader has seen it', () => {
    const turns = [turn('one', { state: 'stopped', text: 'half' }), turn('two', { state: 'interrupted', text: 'part' })];
    expect(historyOf(turns).map(({ content }) => content)).toEqual(['one', 'half', 'two', 'part']);
  });

  it('leaves out failed, empty and unfinished turns with both their messages', () => {
    const turns = [
      turn('failed', { state: 'failed', text: 'some text' }),
      turn('empty', { state: 'done', text: ' \n' }),
      turn('running', { state: 'streaming', text: 'not yet' }),
      turn('queued', {}),
      turn('kept', { state: 'done', text: 'yes' }),
    ];
    expect(historyOf(turns).map(({ content }) => content)).toEqual(['kept', 'yes']);
  });

  it('drops the oldest turns when there are more than the API takes', () => {
    const many = Array.from({ length: GENERATION_LIMITS.messagesMax }, (_, index) =>
      turn(`question ${index}`, { state: 'done', text: `answer ${index}` }),
    );
    const history = historyOf(many);
    expect(history).toHaveLength(GENERATION_LIMITS.messagesMax);
    expect(history.at(0)).toEqual({ role: 'user', content: `question ${GENERATION_LIMITS.messagesMax / 2}` });
    expect(history.at(-1)?.content).toBe(`answer ${GENERATION_LIMITS.messagesMax - 1}`);
  });

  it('leaves out a turn with a message that the API would refuse', () => {
    const long = 'x'.repeat(GENERATION_LIMITS.messageCharactersMax + 1);
    expect(historyOf([turn('long', { state: 'done', text: long })])).toEqual([]);
  });
});
