import { AppError, GENERATION_LIMITS } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import {
  type ChatResponse,
  historyMessages,
  isRunning,
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
  event: { event: 'error', data: { code: 'INFERENCE_ERROR', message: 'The provider failed.', retryable: true } },
};
const fallback = (from: string, to: string): ResponseAction => ({
  type: 'event',
  event: { event: 'fallback', data: { from, to, reason: 'RATE_LIMITED' } },
});
const text = (text: string): ResponseAction => ({ type: 'text', text });

function after(...actions: ResponseAction[]): ChatResponse {
  return actions.reduce(reduceResponse, queuedResponse);
}

describe('reduceResponse', () => {
  it('moves from queued through connecting, waiting and streaming to done', () => {
    expect(queuedResponse.state).toBe('queued');
    expect(after(requested)).toMatchObject({ state: 'connecting', requestedAt: 1 });
    expect(after(requested, start)).toMatchObject({ state: 'waiting', model: 'm' });
    expect(after(requested, start, text('Hel'), text('lo'))).toMatchObject({ state: 'streaming', text: 'Hello' });
    expect(after(requested, start, text('Hello'), usage, done, { type: 'ended' })).toMatchObject({
      state: 'done',
      text: 'Hello',
      usage: { completion_tokens: 2 },
      finish: { finish_reason: 'stop' },
    });
  });

  it('appends reasoning separately from text', () => {
    const response = after(requested, start, { type: 'reasoning', text: 'Hm' }, { type: 'reasoning', text: 'm.' }, text('Yes'));
    expect(response).toMatchObject({ state: 'streaming', reasoning: 'Hmm.', text: 'Yes' });
  });

  it('accepts usage that arrives after the end of the response', () => {
    expect(after(requested, start, done, usage)).toMatchObject({ state: 'done', usage: { total_tokens: 3 } });
  });

  it('interrupts a response whose stream ends without done or error, and keeps its text', () => {
    expect(after(requested, start, text('Half'), { type: 'ended' })).toMatchObject({ state: 'interrupted', text: 'Half' });
    expect(after(requested, { type: 'ended' })).toMatchObject({ state: 'interrupted', text: '' });
  });

  it('fails a response on an error event, and keeps its text', () => {
    expect(after(requested, start, text('Half'), error, { type: 'ended' })).toMatchObject({
      state: 'failed',
      text: 'Half',
      failure: { message: 'The provider failed.', retryable: true },
    });
  });

  it('names the last fallback model as the responding model', () => {
    const waiting = after(requested, start, fallback('m', 'n'), fallback('n', 'o'));
    expect(waiting).toMatchObject({ state: 'waiting', model: 'o' });
    expect(waiting.fallbacks.map(({ from, to }) => [from, to])).toEqual([
      ['m', 'n'],
      ['n', 'o'],
    ]);
  });

  it('keeps the warning of the platform', () => {
    const warned: ResponseAction = { type: 'warned', warning: 'm will be retired.' };
    expect(after(requested, warned, start, text('Hello'), done).warning).toBe('m will be retired.');
  });

  it('stops a response and keeps its text', () => {
    expect(after(requested, start, text('Half'), { type: 'stopped' })).toMatchObject({ state: 'stopped', text: 'Half' });
  });

  it('fails a rejected request with its retry delay', () => {
    const rejected = new AppError('RATE_LIMITED', 'Slow down.', { retryAfterSeconds: 7 });
    expect(after(requested, { type: 'failed', error: rejected }).failure).toEqual({
      code: 'RATE_LIMITED',
      message: 'Slow down.',
      retryable: true,
      retryAfterSeconds: 7,
    });
    expect(after(requested, { type: 'failed', error: new AppError('UNKNOWN_MODEL') }).failure).not.toHaveProperty(
      'retryAfterSeconds',
    );
  });

  it.each([
    ['done', done],
    ['failed', error],
    ['stopped', { type: 'stopped' } as const],
  ])('leaves a %s response unchanged by later actions', (state, ending) => {
    const ended = after(requested, start, text('a'), ending);
    for (const late of [text('b'), done, error, { type: 'stopped' } as const, { type: 'ended' } as const]) {
      expect(reduceResponse(ended, late)).toEqual(ended);
    }
    expect(ended.state).toBe(state);
  });

  it('discards the previous response when it is requested again', () => {
    expect(after(requested, start, text('old'), error, { type: 'requested', at: 9 })).toEqual({
      ...queuedResponse,
      state: 'connecting',
      requestedAt: 9,
    });
  });
});

describe('isRunning', () => {
  it('is true from the request until the end of the stream', () => {
    const states = [after(requested), after(requested, start), after(requested, start, text('a'))];
    expect(states.map(isRunning)).toEqual([true, true, true]);
    expect([queuedResponse, after(requested, start, done)].map(isRunning)).toEqual([false, false]);
  });
});

function turn(prompt: string, response: Partial<ChatResponse>): Turn {
  return { id: prompt, prompt, model: null, response: { ...queuedResponse, ...response } };
}

describe('historyMessages', () => {
  it('returns earlier turns as pairs of messages, oldest first', () => {
    const turns = [turn('one', { state: 'done', text: 'first' }), turn('two', { state: 'done', text: 'second' })];
    expect(historyMessages(turns)).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'first' },
      { role: 'user', content: 'two' },
      { role: 'assistant', content: 'second' },
    ]);
  });

  it('includes stopped and interrupted responses, which the user has seen', () => {
    const turns = [turn('one', { state: 'stopped', text: 'half' }), turn('two', { state: 'interrupted', text: 'part' })];
    expect(historyMessages(turns).map(({ content }) => content)).toEqual(['one', 'half', 'two', 'part']);
  });

  it('leaves out both messages of failed, empty and unfinished turns', () => {
    const turns = [
      turn('failed', { state: 'failed', text: 'some text' }),
      turn('empty', { state: 'done', text: ' \n' }),
      turn('running', { state: 'streaming', text: 'not yet' }),
      turn('queued', {}),
      turn('kept', { state: 'done', text: 'yes' }),
    ];
    expect(historyMessages(turns).map(({ content }) => content)).toEqual(['kept', 'yes']);
  });

  it('drops the oldest turns beyond the message limit of the API', () => {
    const many = Array.from({ length: GENERATION_LIMITS.messagesMax }, (_, index) =>
      turn(`question ${index}`, { state: 'done', text: `response ${index}` }),
    );
    const history = historyMessages(many);
    expect(history).toHaveLength(GENERATION_LIMITS.messagesMax);
    expect(history.at(0)).toEqual({ role: 'user', content: `question ${GENERATION_LIMITS.messagesMax / 2}` });
    expect(history.at(-1)?.content).toBe(`response ${GENERATION_LIMITS.messagesMax - 1}`);
  });

  it('leaves out a turn with a message longer than the API accepts', () => {
    const longest = 'x'.repeat(GENERATION_LIMITS.messageCharactersMax);
    expect(historyMessages([turn('long', { state: 'done', text: `${longest}x` })])).toEqual([]);
    expect(historyMessages([turn(`${longest}x`, { state: 'done', text: 'yes' })])).toEqual([]);
    expect(historyMessages([turn('longest', { state: 'done', text: longest })])).toHaveLength(2);
  });
});
