import { describe, expect, it } from 'vitest';
import { newResponse } from './chat-response.ts';
import { chainOf, createLiveTurn, createMessage } from './state.test-support.ts';
import { transcriptTurns } from './transcript-turns.ts';

const running = (text: string) => ({ ...newResponse(0), state: 'streaming' as const, text });
const textsOf = (turns: ReturnType<typeof transcriptTurns>) =>
  turns.map(({ question, responses }) => [question?.content, ...responses.map(({ shown }) => shown.text)]);

describe('transcriptTurns', () => {
  it('joins questions with their responses, and keeps responses without a question', () => {
    const messages = [createMessage('r0'), ...chainOf('q1', 'r1', 'q2')];
    expect(textsOf(transcriptTurns(messages, undefined))).toEqual([
      [undefined, 'Text of r0'],
      ['Text of q1', 'Text of r1'],
      ['Text of q2'],
    ]);
  });

  it('shows a question that has not started after the path', () => {
    const live = createLiveTurn({ request: { content: 'next' } });
    const turns = transcriptTurns(chainOf('q1', 'r1'), live);
    expect(turns.at(-1)).toMatchObject({ id: 'key', question: { content: 'next', message: null } });
  });

  it('shows the response that is regenerated until the new one has text', () => {
    const replaced = { ...newResponse(0), state: 'done' as const, text: 'the old one' };
    const live = createLiveTurn({ request: { regenerate: 'r1' }, replaced });
    expect(textsOf(transcriptTurns(chainOf('q1', 'r1'), live))).toEqual([['Text of q1', 'the old one']]);
    const started = createLiveTurn({ ...live, messageId: 'r1b', response: running('') });
    const path = chainOf('q1', 'r1b').map((message) =>
      message.id === 'r1b' ? { ...message, content: '', parts: [], status: 'streaming' as const } : message,
    );
    expect(textsOf(transcriptTurns(path, started))).toEqual([['Text of q1', 'the old one']]);
    expect(textsOf(transcriptTurns(path, { ...started, response: running('new') }))).toEqual([['Text of q1', 'new']]);
  });

  it('shows the text of a resumed response once, the stored text until the events catch up', () => {
    const stored = createMessage('r1', { content: 'One two', status: 'streaming', parent_id: 'q1' });
    const messages = [createMessage('q1'), stored];
    const at = (text: string) => textsOf(transcriptTurns(messages, createLiveTurn({ messageId: 'r1', response: running(text) })));
    expect(at('')).toEqual([['Text of q1', 'One two']]);
    expect(at('One')).toEqual([['Text of q1', 'One two']]);
    expect(at('One two three')).toEqual([['Text of q1', 'One two three']]);
  });

  it('trusts the server for a response that has ended', () => {
    const live = createLiveTurn({ messageId: 'r1', response: { ...running('One'), state: 'interrupted' } });
    const messages = [createMessage('q1'), createMessage('r1', { content: 'One two', parent_id: 'q1' })];
    const [turn] = transcriptTurns(messages, live);
    expect(turn?.responses[0]?.response).toMatchObject({ state: 'done', text: 'One two' });
  });

  it('does not show a response that streams on another branch', () => {
    const live = createLiveTurn({ messageId: 'r1b', response: running('elsewhere') });
    expect(textsOf(transcriptTurns(chainOf('q1', 'r1'), live))).toEqual([['Text of q1', 'Text of r1']]);
  });

  it('restores what the server does not store', () => {
    const notices = {
      r1: {
        fallbacks: [{ from: 'a', to: 'b', reason: 'RATE_LIMITED' as const }],
        omittedMessages: 2,
        warning: null,
        attempts: 3,
      },
    };
    const [turn] = transcriptTurns(chainOf('q1', 'r1'), undefined, notices);
    expect(turn?.responses[0]?.response).toMatchObject({ omittedMessages: 2, attempts: 3, fallbacks: [{ from: 'a' }] });
  });
});
