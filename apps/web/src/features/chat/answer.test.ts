import { AppError } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { type Answer, type AnswerAction, queuedAnswer, reduceAnswer } from './answer.ts';

const requested: AnswerAction = { type: 'requested', at: 1 };
const start: AnswerAction = {
  type: 'event',
  event: { event: 'start', data: { generation_id: 'g', model: 'm', request_id: 'r' } },
};
const usage: AnswerAction = {
  type: 'event',
  event: { event: 'usage', data: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, estimated: false, cost_usd: null } },
};
const done: AnswerAction = {
  type: 'event',
  event: { event: 'done', data: { finish_reason: 'stop', ttft_ms: 1, latency_ms: 2, model: 'm', provider: 'p', attempts: 1 } },
};
const error: AnswerAction = {
  type: 'event',
  event: { event: 'error', data: { code: 'INFERENCE_ERROR', message: 'The provider broke.', retryable: true } },
};
const fallback = (from: string, to: string): AnswerAction => ({
  type: 'event',
  event: { event: 'fallback', data: { from, to, reason: 'RATE_LIMITED' } },
});
const text = (text: string): AnswerAction => ({ type: 'text', text });

function after(...actions: AnswerAction[]): Answer {
  return actions.reduce(reduceAnswer, queuedAnswer);
}

describe('an answer', () => {
  it('goes from queued over connecting, waiting and streaming to done', () => {
    expect(queuedAnswer.state).toBe('queued');
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
    const warned: AnswerAction = { type: 'warned', warning: 'm will be retired.' };
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
      expect(reduceAnswer(settled, late)).toEqual(settled);
    }
    expect(settled.state).toBe(state);
  });

  it('starts afresh when it is asked for again', () => {
    expect(after(requested, start, text('old'), error, { type: 'requested', at: 9 })).toEqual({
      ...queuedAnswer,
      state: 'connecting',
      requestedAt: 9,
    });
  });
});
