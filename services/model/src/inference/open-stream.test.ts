import { AppError } from '@prodigon/contracts';
import type { ModelProvider, ProviderContext, ProviderEvent, ProviderRequest } from '@prodigon/ports';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTimeoutGuard, openStream } from './open-stream.ts';
import { createSseEncoder } from './sse-encoder.ts';

const TIMEOUTS = { firstTokenMs: 1_000, idleMs: 200 };
const REQUEST: ProviderRequest = { model: 'm', messages: [{ role: 'user', content: '12345678' }] };
const USAGE = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };
const text = (content: string): ProviderEvent => ({ type: 'text', text: content });
const STOP: ProviderEvent = { type: 'finish', reason: 'stop' };

type Step = readonly ProviderEvent[] | AppError | 'hang';

/** Creates a provider that runs these steps. A step that hangs ends when the provider's signal aborts. */
function setUp(...steps: Step[]) {
  const caller = new AbortController();
  const provider = { isClosed: false, signal: undefined as AbortSignal | undefined };
  const endpoint = {
    async *stream(_request: ProviderRequest, { signal }: ProviderContext) {
      provider.signal = signal;
      try {
        for (const step of steps) {
          if (step instanceof AppError) throw step;
          if (step !== 'hang') yield step;
          else {
            await new Promise((_, reject) => {
              signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
            });
          }
        }
      } finally {
        provider.isClosed = true;
      }
    },
  } as unknown as ModelProvider;
  const context = { signal: caller.signal } as ProviderContext;
  const encoder = createSseEncoder(REQUEST, 'm', { format: 'events', generationId: 'gen' });
  const open = () => openStream(REQUEST, context, { endpoint, timeouts: TIMEOUTS, encoder, startedAt: performance.now() });
  return { open, caller, provider };
}

async function readAll<Piece>(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const read: Piece[] = [];
  for await (const piece of pieces) read.push(piece);
  return read;
}

const outcomeOf = async ({ outcome }: Awaited<ReturnType<ReturnType<typeof setUp>['open']>>) => outcome;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('open stream', () => {
  it('yields content events and resolves an outcome with finish reason, usage and timings', async () => {
    const { open, provider } = setUp(
      [],
      [text('a'), text('b')],
      [{ type: 'reasoning', text: 'c' }],
      [STOP, { type: 'usage', usage: USAGE }],
    );
    const stream = await open();
    expect(await readAll(stream.events())).toEqual([text('a'), text('b'), { type: 'reasoning', text: 'c' }]);
    expect(await stream.outcome).toEqual({
      status: 'completed',
      finish: 'stop',
      usage: USAGE,
      estimated: false,
      timings: { ttftMs: 0, totalMs: 0 },
      sequence: 0,
      error: undefined,
    });
    expect([provider.isClosed, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it('yields frames and resolves an outcome with the number of the last frame', async () => {
    const stream = await setUp([text('a')], [text('b')], [STOP]).open();
    const frames = (await readAll(stream.bytes())).map((bytes) => Buffer.from(bytes).toString());
    expect(frames).toHaveLength(2);
    expect(frames[1]).toContain('gen:2');
    expect((await stream.outcome).sequence).toBe(2);
  });

  it('estimates the usage from the text length when the provider reports none', async () => {
    const toolCall: ProviderEvent = { type: 'tool_call', index: 0, argumentsDelta: '12345678' };
    const stream = await setUp([text('1234'), toolCall], [STOP]).open();
    await readAll(stream.events());
    expect(await stream.outcome).toMatchObject({
      usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 },
      estimated: true,
    });
  });

  it('measures the time to first token from the arrival of the request', async () => {
    const { caller } = setUp();
    const endpoint = {
      async *stream() {
        yield [];
        vi.advanceTimersByTime(300);
        yield [text('a')];
        vi.advanceTimersByTime(100);
        yield [text('b')];
        yield [STOP];
      },
    } as unknown as ModelProvider;
    const encoder = createSseEncoder(REQUEST, 'm', { format: 'tokens', generationId: 'gen' });
    const startedAt = performance.now() - 50;
    const stream = await openStream(REQUEST, { signal: caller.signal } as ProviderContext, {
      endpoint,
      timeouts: TIMEOUTS,
      encoder,
      startedAt,
    });
    expect(stream.ttftMs).toBe(350);
    await readAll(stream.bytes());
    expect((await stream.outcome).timings).toEqual({ ttftMs: 350, totalMs: 450 });
  });

  it('opens an empty response at its finish reason', async () => {
    const stream = await setUp([STOP]).open();
    expect(await readAll(stream.events())).toEqual([]);
    expect(await stream.outcome).toMatchObject({ status: 'completed', finish: 'stop', timings: { ttftMs: null } });
  });
});

describe('failed stream', () => {
  it('rejects the call when the provider fails before the first content', async () => {
    const { open, provider } = setUp([], new AppError('RATE_LIMITED'));
    await expect(open()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect([provider.signal?.aborted, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it('throws when the provider ends without a finish reason', async () => {
    await expect(setUp([]).open()).rejects.toMatchObject({ code: 'INFERENCE_ERROR' });
    const stream = await setUp([text('a')]).open();
    await expect(readAll(stream.events())).rejects.toMatchObject({ code: 'INFERENCE_ERROR' });
    expect(await stream.outcome).toMatchObject({ status: 'failed', finish: null, error: { code: 'INFERENCE_ERROR' } });
  });

  it('throws a later failure to the reader, without a finish reason in the outcome', async () => {
    const stream = await setUp([text('a')], [STOP], new AppError('INFERENCE_ERROR')).open();
    await expect(readAll(stream.bytes())).rejects.toMatchObject({ code: 'INFERENCE_ERROR' });
    expect(await stream.outcome).toMatchObject({ status: 'failed', finish: null, sequence: 1 });
  });

  it('throws DEADLINE_EXCEEDED when the first token does not arrive in time', async () => {
    const { open, provider } = setUp([], 'hang');
    const opening = expect(open()).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await vi.advanceTimersByTimeAsync(999);
    expect(provider.signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await opening;
  });

  it('throws DEADLINE_EXCEEDED when the provider is idle after the first token', async () => {
    const { open, provider } = setUp([text('a')], 'hang');
    const stream = await open();
    const reading = expect(readAll(stream.events())).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await vi.advanceTimersByTimeAsync(199);
    expect(provider.signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await reading;
    expect(await stream.outcome).toMatchObject({ status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } });
  });

  it('does not time out while the reader is slow', async () => {
    const { open } = setUp([text('a')], [text('b')], [STOP]);
    const stream = await open();
    const read: unknown[] = [];
    for await (const event of stream.events()) {
      read.push(event);
      await vi.advanceTimersByTimeAsync(5_000);
    }
    expect(read).toHaveLength(2);
    expect(await stream.outcome).toMatchObject({ status: 'completed' });
  });
});

describe('a stream whose client disconnects', () => {
  it('cancels the stream when the reader stops', async () => {
    const { open, provider } = setUp([text('a')], [text('b')], [STOP]);
    const stream = await open();
    for await (const _ of stream.events()) break;
    expect(await stream.outcome).toMatchObject({ status: 'cancelled', finish: null, error: { code: 'CANCELLED' } });
    expect([provider.isClosed, provider.signal?.aborted, vi.getTimerCount()]).toEqual([true, true, 0]);
  });

  it('cancels the stream when the caller aborts during reading', async () => {
    const { open, caller, provider } = setUp([text('a')], 'hang');
    const stream = await open();
    const reading = expect(readAll(stream.events())).rejects.toMatchObject({ code: 'CANCELLED' });
    await vi.advanceTimersByTimeAsync(0);
    caller.abort(new AppError('CANCELLED'));
    await reading;
    expect(provider.isClosed).toBe(true);
  });

  it('cancels the stream when the caller aborts before reading', async () => {
    const { open, caller, provider } = setUp([text('a')], [text('b')]);
    const stream = await open();
    caller.abort(new AppError('CANCELLED'));
    expect(await outcomeOf(stream)).toMatchObject({ status: 'cancelled' });
    await vi.advanceTimersByTimeAsync(0);
    expect([provider.isClosed, vi.getTimerCount()]).toEqual([true, 0]);
  });
});

describe('timeout guard', () => {
  const setUpGuard = (isAborted = false) => {
    const caller = new AbortController();
    if (isAborted) caller.abort(new AppError('CANCELLED'));
    const guard = createTimeoutGuard(caller.signal, TIMEOUTS);
    const pending = { next: () => new Promise<IteratorResult<never>>(() => {}) };
    return { guard, caller, wait: () => void guard.next(pending) };
  };

  it('restarts the timeout with each step', () => {
    const { guard, wait } = setUpGuard();
    wait();
    vi.advanceTimersByTime(900);
    wait();
    vi.advanceTimersByTime(900);
    expect(guard.signal.aborted).toBe(false);
    vi.advanceTimersByTime(100);
    expect(guard.signal.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED', message: expect.stringContaining('start') });
  });

  it('does not abort while no step is pending', () => {
    const { guard, wait } = setUpGuard();
    wait();
    guard.stopWaiting();
    vi.advanceTimersByTime(60_000);
    expect(guard.signal.aborted).toBe(false);
  });

  it('keeps one timer after the first token and none after the guard is closed', () => {
    const { guard, wait } = setUpGuard();
    guard.markFirstToken();
    expect(vi.getTimerCount()).toBe(1);
    wait();
    vi.advanceTimersByTime(200);
    expect(guard.signal.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED', message: expect.stringContaining('middle') });
    const other = setUpGuard();
    other.guard.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('aborts with the caller’s signal until the guard is closed', () => {
    expect(setUpGuard(true).guard.signal.reason).toMatchObject({ code: 'CANCELLED' });
    const { guard, caller } = setUpGuard();
    guard.close();
    caller.abort(new AppError('CANCELLED'));
    expect(guard.signal.aborted).toBe(false);
  });
});
