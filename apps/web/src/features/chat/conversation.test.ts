import { AppError, GENERATION_LIMITS } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import {
  type ChatResponse,
  historyMessages,
  queuedResponse,
  type ResponseAction,
  reduceResponse,
  type Turn,
} from './conversation.ts';

const requested: ResponseAction = { type: 'requested', at: 1 };
const start: ResponseAction = {
  type: 'event',
  event: { event: 'start', data: { generation_id: 'g', model: 'm', request_id: 'r' } },
};
const usage: ResponseAction = {
  type: 'event',
  event: { event: 'usage', data: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, estimated: false, cost_usd: null } },
};
const done: ResponseAction = {
  type: 'event',
  event: { event: 'done', data: { finish_reason: 'stop', ttft_ms: 1, latency_ms: 2, model: 'm', provider: 'p', attempts: 1 } },
};
const error: ResponseAction = {
  type: 'event',
  event: { event: 'error', data: { code: 'INFERENCE_ERROR', message: 'The provider broke.', retryable: true } },
};
const fallback = (from: string, to: string): ResponseAction => ({
  type: 'event',
  event: { event: 'fallback', data: { from, to, reason: 'RATE_LIMITED' } },
});
const text = (text: string): ResponseAction => ({ type: 'text', text });

function after(...actions: ResponseAction[]): ChatResponse {
  return actions.reduce(reduceResponse, queuedResponse);
}

describe('an answer', () => {
  it('goes from queued over connecting, waiting and streaming to done', () => {
    expect(queuedResponse.state).toBe('queued');
    expect(after(requested).state).toBe('connecting');
    expect(after(requested, start)).toMatchObject({ state: 'waiting', model: 'm' });
    expect(after(requested, start, text('Hel'), text('lo'))).toMatchObject({ state: 'streaming', text: 'Hello' });
    expect(after(requested, start, text('Hello'), usage, done, { type: 'ended' })).toMatchObject({
      state: 'done',
      text: 'Hello',
      usage: { completion_tokens: 2 },
      finish: { finish_reason: 'stop' },
    });
  });

  it('is interrupted when its stream ends with neither done nor error, and keeps its text', () => {
    expect(after(requested, start, text('Half'), { type: 'ended' })).toMatchObject({ state: 'interrupted', text: 'Half' });
    expect(after(requested, { type: 'ended' })).toMatchObject({ state: 'interrupted', text: '' });
  });

  it('is failed after an error event, and keeps its text', () => {
    expect(after(requested, start, text('Half'), error, { type: 'ended' })).toMatchObject({
      state: 'failed',
      text: 'Half',
      failure: { message: 'The provider broke.', retryable: true },
    });
  });

  it('is the answer of whom the asked one gave way to', () => {
    const waiting = after(requested, start, fallback('m', 'n'), fallback('n', 'o'));
    expect(waiting).toMatchObject({ state: 'waiting', model: 'o' });
    expect(waiting.fallbacks.map(({ from, to }) => [from, to])).toEqual([
      ['m', 'n'],
      ['n', 'o'],
    ]);
  });

  it('comes with what the platform warned of, and keeps it', () => {
    const warned: ResponseAction = { type: 'warned', warning: 'm will be retired.' };
    expect(after(requested, warned, start, text('Hello'), done).warning).toBe('m will be retired.');
  });

  it('is stopped by the reader, and keeps its text', () => {
    expect(after(requested, start, text('Half'), { type: 'stopped' })).toMatchObject({ state: 'stopped', text: 'Half' });
  });

  it('is failed when the request is refused, with when to try again', () => {
    const refused = new AppError('RATE_LIMITED', 'Slow down.', { retryAfterSeconds: 7 });
    expect(after(requested, { type: 'refused', error: refused }).failure).toEqual({
      code: 'RATE_LIMITED',
      message: 'Slow down.',
      retryable: true,
      retryAfterSeconds: 7,
    });
  });

  it.each([
    ['done', done],
    ['failed', error],
    ['stopped', { type: 'stopped' } as const],
  ])('stays %s whatever comes after', (state, settle) => {
    const settled = after(requested, start, text('a'), settle);
    for (const late of [text('b'), done, error, { type: 'stopped' } as const, { type: 'ended' } as const]) {
      expect(reduceResponse(settled, late)).toEqual(settled);
    }
    expect(settled.state).toBe(state);
  });

  it('starts afresh when it is asked for again', () => {
    expect(after(requested, start, text('old'), error, { type: 'requested', at: 9 })).toEqual({
      ...queuedResponse,
      state: 'connecting',
      requestedAt: 9,
    });
  });
});

function turn(prompt: string, answer: Partial<ChatResponse>): Turn {
  return { id: prompt, prompt, model: null, answer: { ...queuedResponse, ...answer } };
}

describe('historyMessages', () => {
  it('sends earlier turns as pairs, oldest first', () => {
    const turns = [turn('one', { state: 'done', text: 'first' }), turn('two', { state: 'done', text: 'second' })];
    expect(historyMessages(turns)).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'first' },
      { role: 'user', content: 'two' },
      { role: 'assistant', content: 'second' },
    ]);
  });

  it('keeps what was stopped or interrupted, since the reader has seen it', () => {
    const turns = [turn('one', { state: 'stopped', text: 'half' }), turn('two', { state: 'interrupted', text: 'part' })];
    expect(historyMessages(turns).map(({ content }) => content)).toEqual(['one', 'half', 'two', 'part']);
  });

  it('leaves out failed, empty and unfinished turns with both their messages', () => {
    const turns = [
      turn('failed', { state: 'failed', text: 'some text' }),
      turn('empty', { state: 'done', text: ' \n' }),
      turn('running', { state: 'streaming', text: 'not yet' }),
      turn('queued', {}),
      turn('kept', { state: 'done', text: 'yes' }),
    ];
    expect(historyMessages(turns).map(({ content }) => content)).toEqual(['kept', 'yes']);
  });

  it('drops the oldest turns when there are more than the API takes', () => {
    const many = Array.from({ length: GENERATION_LIMITS.messagesMax }, (_, index) =>
      turn(`question ${index}`, { state: 'done', text: `answer ${index}` }),
    );
    const history = historyMessages(many);
    expect(history).toHaveLength(GENERATION_LIMITS.messagesMax);
    expect(history.at(0)).toEqual({ role: 'user', content: `question ${GENERATION_LIMITS.messagesMax / 2}` });
    expect(history.at(-1)?.content).toBe(`answer ${GENERATION_LIMITS.messagesMax - 1}`);
  });

  it('leaves out a turn with a message that the API would refuse', () => {
    const long = 'x'.repeat(GENERATION_LIMITS.messageCharactersMax + 1);
    expect(historyMessages([turn('long', { state: 'done', text: long })])).toEqual([]);
  });
});
