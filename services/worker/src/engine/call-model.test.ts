import { AppError, type ChatRequest } from '@prodigon/contracts';
import type { CallContext, Completion, LeasedItem, ModelClient } from '@prodigon/ports';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callModel, createModelBackoff } from './call-model.ts';
import type { RetryPolicy } from './retry-policy.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const ITEM: LeasedItem = {
  jobId: 'job',
  index: 7,
  lease: 3,
  ownerId: 'ada',
  keyId: 'key',
  attempt: 1,
  failures: 0,
  prompt: 'Hi',
  options: { max_tokens: 5, temperature: 0.5 },
  waitMs: 0,
};
const COMPLETION = {
  text: 'Hello',
  finish: 'stop',
  model: 'small',
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  estimated: true,
  costUsd: 0.25,
} as Completion;

/** Starts one attempt with a timeout of one second, against a model whose call the test ends. */
function start(item = ITEM) {
  vi.advanceTimersByTime(50);
  const controller = new AbortController();
  const response = Promise.withResolvers<Completion>();
  const complete = vi.fn((_request: ChatRequest, { signal }: CallContext) => {
    signal.addEventListener('abort', () => response.reject(new Error('The connection was closed.')));
    return response.promise;
  });
  const retry = {
    decide: vi.fn<RetryPolicy['decide']>((_item, error, latencyMs) => ({ type: 'failed', error, latencyMs })),
    recordSuccess: vi.fn<RetryPolicy['recordSuccess']>(),
  };
  const model = { complete } as Partial<ModelClient> as ModelClient;
  const outcome = callModel(item, { model, retry, timeoutMs: 1_000, controller });
  const [request, context] = complete.mock.calls[0] ?? expect.unreachable('The model was not called.');
  return { controller, response, retry, outcome, request, context };
}

describe('model call of an item', () => {
  it('makes one attempt for the owner and the key, with a deadline and an id for the lease', () => {
    const { context, controller } = start();
    expect(context).toMatchObject({
      requestId: 'job.7.3',
      principal: { id: 'ada', keyId: 'key' },
      deadline: performance.now() + 1_000,
      attemptsMax: 1,
      signal: controller.signal,
      traceparent: expect.stringMatching(/^00-/),
    });
  });

  it('sends the prompt, and the model and system prompt only if the job names them', () => {
    const user = { role: 'user', content: 'Hi' };
    expect(start().request).toEqual({ messages: [user], max_tokens: 5, temperature: 0.5 });
    const options = { ...ITEM.options, model: 'small', system_prompt: 'Be brief.' };
    expect(start({ ...ITEM, options }).request).toEqual({
      model: 'small',
      messages: [{ role: 'system', content: 'Be brief.' }, user],
      max_tokens: 5,
      temperature: 0.5,
    });
  });

  it('returns the response with its latency in hundredths of a millisecond', async () => {
    const { response, outcome, retry } = start();
    vi.advanceTimersByTime(40);
    vi.spyOn(performance, 'now').mockReturnValueOnce(performance.now() + 2.3456);
    response.resolve(COMPLETION);
    const { text, finish, model, usage, estimated, costUsd } = COMPLETION;
    expect(await outcome).toEqual({
      ...{ type: 'succeeded', text, finish, model, usage, estimated, costUsd },
      requestId: 'job.7.3',
      latencyMs: 42.35,
    });
    expect(retry.recordSuccess).toHaveBeenCalledExactlyOnceWith(ITEM);
  });

  it('lets the retry policy decide after a failure', async () => {
    const { response, outcome, retry } = start();
    vi.advanceTimersByTime(40);
    const error = new AppError('INFERENCE_ERROR');
    response.reject(error);
    expect(await outcome).toMatchObject({ type: 'failed', latencyMs: 40 });
    expect(retry.decide).toHaveBeenCalledExactlyOnceWith(ITEM, error, 40);
    expect(retry.recordSuccess).not.toHaveBeenCalled();
  });

  it('fails with DEADLINE_EXCEEDED after its timeout', async () => {
    const { outcome, controller } = start();
    vi.advanceTimersByTime(999);
    expect(controller.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await outcome).toMatchObject({ type: 'failed', error: { code: 'DEADLINE_EXCEEDED' }, latencyMs: 1_000 });
  });

  it('requeues the item after any other abort, without a failed attempt', async () => {
    const { outcome, controller, retry } = start();
    controller.abort(new AppError('CANCELLED'));
    expect(await outcome).toEqual({ type: 'requeued' });
    expect(retry.decide).not.toHaveBeenCalled();
  });

  it('clears its timeout at the end', async () => {
    const { response, outcome } = start();
    response.resolve(COMPLETION);
    await outcome;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('model backoff', () => {
  it('is active from its start until its length has passed', () => {
    const backoff = createModelBackoff();
    expect(backoff.isActive).toBe(false);
    expect(backoff.start()).toBe(500);
    vi.advanceTimersByTime(499);
    expect(backoff.isActive).toBe(true);
    vi.advanceTimersByTime(1);
    expect(backoff.isActive).toBe(false);
  });

  it('doubles up to ten seconds', () => {
    const backoff = createModelBackoff();
    expect(Array.from({ length: 7 }, backoff.start)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('ends after a success and starts again with half a second', () => {
    const backoff = createModelBackoff();
    backoff.start();
    backoff.start();
    backoff.reset();
    expect(backoff.isActive).toBe(false);
    expect(backoff.start()).toBe(500);
  });
});
