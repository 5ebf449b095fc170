import { performance } from 'node:perf_hooks';
import type { Dispatcher } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { END_EVENT, tokenEvent } from '../../test-server.test-support.ts';
import type { LoadPlan } from '../load-plan.ts';
import { OPENAI_STREAM } from '../load-plan.ts';
import { createCaller } from './create-caller.ts';
import type { Recorder } from './recorder.ts';

const INTENDED_AT = 1_000;
const controller = {} as Dispatcher.DispatchController;

let now: number;
beforeEach(() => {
  now = INTENDED_AT;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

/** Sends one request over a fake connection. */
function send({ call, ...plan }: Partial<LoadPlan> = {}) {
  const recorder = {
    ...{ recordFirstToken: vi.fn(), recordTokens: vi.fn(), recordResponse: vi.fn() },
    ...{ recordSent: vi.fn(), recordFailure: vi.fn(), recordUnfinished: vi.fn() },
  };
  const onEnd = vi.fn();
  const dispatch = vi.fn<Dispatcher['dispatch']>(() => true);
  const caller = createCaller(
    {
      ...{ call: { url: 'http://127.0.0.1:1/path?query=1', ...call }, check: {}, marks: OPENAI_STREAM, watch: [] },
      ...{ responseTimeoutMs: 7_000, schedule: { type: 'closed', connections: 1, durationMs: 1 } },
      ...plan,
    },
    recorder as unknown as Recorder,
  );
  caller.call({ dispatch } as unknown as Dispatcher, INTENDED_AT, onEnd);
  const [request, handler] = dispatch.mock.calls[0] ?? [];
  if (!request || !handler) throw new Error('No request was sent');
  return {
    ...{ caller, recorder, onEnd, request },
    start: (status = 200, headers = {}) => handler.onResponseStart?.(controller, status, headers),
    data: (text: string) => handler.onResponseData?.(controller, Buffer.from(text)),
    end: () => handler.onResponseEnd?.(controller, {}),
    fail: (error: Error) => handler.onResponseError?.(controller, error),
    onRequestStart: () => handler.onRequestStart?.(controller, {}),
  };
}
const stream = (plan: Partial<LoadPlan> = {}) => send({ call: { url: 'http://127.0.0.1:1/', isStream: true }, ...plan });

describe('the request', () => {
  it('has the path, the headers and the timeouts of the plan', () => {
    const { request, onRequestStart } = send({ call: { url: 'http://127.0.0.1:1/path?query=1', headers: { 'x-a': 'b' } } });
    expect(request).toEqual({
      ...{ path: '/path?query=1', method: 'GET', headers: { 'x-a': 'b' }, body: null },
      ...{ headersTimeout: 7_000, bodyTimeout: 7_000 },
    });
    onRequestStart();
  });

  it('is a POST with a body, unless the plan names a method', () => {
    const url = 'http://127.0.0.1:1/';
    expect(send({ call: { url, body: 'question' } }).request).toMatchObject({ method: 'POST', body: 'question' });
    expect(send({ call: { url, body: 'question', method: 'PUT' } }).request).toMatchObject({ method: 'PUT' });
  });
});

describe('a complete response', () => {
  it('is recorded when it is sent', () => {
    expect(send().recorder.recordSent).toHaveBeenCalledOnce();
  });

  it('is recorded with its latency since the intended time', () => {
    const { recorder, onEnd, start, data, end } = send({ check: { text: 'lo wo' } });
    start(201, { 'x-lab-process': 'run-1/7' });
    data('hello ');
    data('world');
    now = INTENDED_AT + 250;
    end();
    expect(recorder.recordResponse.mock.calls).toEqual([
      [
        {
          ...{ status: 201, process: 'run-1/7', length: 11, tokens: 0, text: 'hello world' },
          ...{ isAtEnd: false, isCutOff: false },
        },
        250,
      ],
    ]);
    expect(onEnd).toHaveBeenCalledOnce();
  });

  it('keeps its text only when the text is checked', () => {
    const { recorder, start, data, end } = send();
    start();
    data('hello');
    end();
    expect(recorder.recordResponse.mock.calls[0]?.[0]).toMatchObject({ length: 5, text: undefined });
  });

  it('comes from the process of the last header when proxies add their own', () => {
    const { recorder, start, end } = send();
    start(200, { 'x-lab-process': ['run-1/7', 'run-1/8'] });
    end();
    expect(recorder.recordResponse.mock.calls[0]?.[0]).toMatchObject({ process: 'run-1/8' });
  });

  it('counts no tokens unless it is a stream', () => {
    const { recorder, start, data, end } = send();
    start();
    data(tokenEvent('word') + END_EVENT);
    end();
    expect(recorder.recordTokens).not.toHaveBeenCalled();
    expect(recorder.recordResponse.mock.calls[0]?.[0]).toMatchObject({ tokens: 0, isAtEnd: false });
  });
});

describe('a stream', () => {
  it('records its first token, the tokens of each read and the gaps between reads', () => {
    const { recorder, start, data, end } = stream();
    start();
    data(': comment\n\n');
    now = INTENDED_AT + 40;
    data(tokenEvent('one') + tokenEvent('two'));
    now += 20;
    data(tokenEvent('three'));
    data(END_EVENT);
    end();
    expect(recorder.recordFirstToken.mock.calls).toEqual([[40]]);
    expect(recorder.recordTokens.mock.calls).toEqual([
      [2, null],
      [1, 20],
    ]);
    expect(recorder.recordResponse.mock.calls[0]?.[0]).toMatchObject({ tokens: 3, isAtEnd: true });
  });

  it('combines chunks of one socket read, which arrive within a tenth of a millisecond', () => {
    const { recorder, data } = stream();
    data(tokenEvent('one'));
    now += 0.09375;
    data(tokenEvent('two'));
    now += 0.125;
    data(tokenEvent('three'));
    expect(recorder.recordTokens.mock.calls).toEqual([
      [1, null],
      [1, null],
      [1, 0.125],
    ]);
  });
});

describe('a failed request', () => {
  const reset = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

  it('is recorded with its code and ends in a later turn of the event loop', async () => {
    const { recorder, onEnd, start, fail } = send();
    start();
    fail(reset);
    expect(recorder.recordFailure.mock.calls).toEqual([['UND_ERR_SOCKET']]);
    expect(onEnd).not.toHaveBeenCalled();
    await nextTurn();
    expect(onEnd).toHaveBeenCalledOnce();
  });

  it('is recorded with its message when it has no code', () => {
    const { recorder, fail } = send();
    fail(new Error('no code'));
    expect(recorder.recordFailure.mock.calls).toEqual([['no code']]);
  });

  it('is unfinished after the generator has cancelled it before any response', async () => {
    const { caller, recorder, onEnd, fail } = send();
    caller.cutOff();
    fail(reset);
    await nextTurn();
    expect(recorder.recordUnfinished).toHaveBeenCalledOnce();
    expect([recorder.recordFailure.mock.calls, recorder.recordResponse.mock.calls]).toEqual([[], []]);
    expect(onEnd).toHaveBeenCalledOnce();
  });

  it('is recorded as a response when the generator has cancelled it after its start', () => {
    const { caller, recorder, start, fail } = send();
    start(500);
    caller.cutOff();
    fail(reset);
    expect(recorder.recordResponse.mock.calls[0]?.[0]).toMatchObject({ status: 500, isCutOff: true });
    expect([recorder.recordUnfinished.mock.calls, recorder.recordFailure.mock.calls]).toEqual([[], []]);
  });
});
