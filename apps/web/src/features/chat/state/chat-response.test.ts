import { AppError } from '@prodigon/contracts';
import type { TurnEvent } from '@prodigon/contracts/conversations';
import { describe, expect, it } from 'vitest';
import { type ChatResponse, newResponse, type ResponseAction, reduceResponse, storedResponse } from './chat-response.ts';
import { createMessage } from './state.test-support.ts';

const after = (...actions: ResponseAction[]): ChatResponse => actions.reduce(reduceResponse, newResponse(0));
const event = (name: TurnEvent['event'], data: unknown): ResponseAction =>
  ({ type: 'event', event: { event: name, data } }) as ResponseAction;
const text = (text: string): ResponseAction => ({ type: 'text', text });
const done = (finish_reason: string) => event('done', { finish_reason, ttft_ms: 5, latency_ms: 9, model: 'm', attempts: 2 });

describe('reduceResponse', () => {
  it('goes from connecting to waiting, streaming and done', () => {
    const start = event('start', { model: 'm', omitted_messages: 3 });
    expect(after().state).toBe('connecting');
    expect(after(start)).toMatchObject({ state: 'waiting', model: 'm', omittedMessages: 3 });
    expect(after(start, text('a'), text('b'))).toMatchObject({ state: 'streaming', text: 'ab' });
    expect(after(start, text('a'), done('stop'))).toMatchObject({ state: 'done', ttftMs: 5, latencyMs: 9, attempts: 2 });
  });

  it('tells a response that was stopped from one that is complete', () => {
    expect(after(text('a'), done('stopped'))).toMatchObject({ state: 'stopped', text: 'a' });
  });

  it.each([
    ['INFERENCE_ERROR', 'failed'],
    ['RESPONSE_INTERRUPTED', 'interrupted'],
  ])('keeps the text when the stream ends with %s', (code, state) => {
    const error = event('error', { code, message: 'Failed.', retryable: true, retry_after_seconds: 7 });
    expect(after(text('a'), error)).toMatchObject({ state, text: 'a', failure: { code, retryAfterSeconds: 7 } });
  });

  it('keeps the error of a rejected request', () => {
    const error = new AppError('RATE_LIMITED', 'Too many.', { retryAfterSeconds: 3 });
    expect(after({ type: 'failed', error })).toMatchObject({
      state: 'failed',
      failure: { code: 'RATE_LIMITED', retryAfterSeconds: 3 },
    });
  });

  it('ignores text after the end, but not the usage', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, estimated: false, cost_usd: null };
    const response = after(text('a'), { type: 'stopped' }, text('b'), event('usage', usage));
    expect(response).toMatchObject({ state: 'stopped', text: 'a', usage });
  });

  it('lists fallbacks and shows the model that responds', () => {
    expect(after(event('fallback', { from: 'a', to: 'b', reason: 'RATE_LIMITED' }))).toMatchObject({
      model: 'b',
      fallbacks: [{ from: 'a', to: 'b' }],
    });
  });
});

describe('storedResponse', () => {
  it('reads text, reasoning, tools and statistics of a message', () => {
    const message = createMessage('r1', {
      content: 'text',
      parts: [
        { type: 'reasoning', text: 'why' },
        { type: 'tool_call', id: 't', name: 'search', arguments: '{}' },
        { type: 'text', text: 'text' },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      ttft_ms: 4,
      status: 'stopped',
    });
    expect(storedResponse(message)).toMatchObject({
      ...{ state: 'stopped', text: 'text', reasoning: 'why', ttftMs: 4, usage: { completion_tokens: 2 } },
      tools: [{ type: 'tool_call', name: 'search' }],
    });
  });
});

it('shows the error of a model that failed in the middle of its response', () => {
  const error = { code: 'INFERENCE_ERROR', message: 'Failed.', retryable: true } as const;
  expect(storedResponse(createMessage('r1', { status: 'interrupted', error })).state).toBe('failed');
  expect(storedResponse(createMessage('r1', { status: 'interrupted' })).state).toBe('interrupted');
});
