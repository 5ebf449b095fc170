import { AppError } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { type ChatResponse, isRunning, queuedResponse, type ResponseAction, reduceResponse } from './conversation.ts';

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

  it('fails a stream with the retry delay of its error event', () => {
    const data = { code: 'BUDGET_EXHAUSTED', message: 'Used up.', retryable: false } as const;
    const event: ResponseAction = { type: 'event', event: { event: 'error', data: { ...data, retry_after_seconds: 60 } } };
    expect(after(requested, start, event).failure).toEqual({ ...data, retryAfterSeconds: 60 });
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
