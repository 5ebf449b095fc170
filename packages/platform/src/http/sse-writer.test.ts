import { EventEmitter } from 'node:events';
import { AppError } from '@prodigon/contracts';
import type { FastifyReply } from 'fastify';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSseWriter, pipeToSse, streamSse } from './sse-writer.ts';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** A reply that records what is written. `isSlow` makes the client stop reading. */
function createReply({ isChunked = false } = {}) {
  const written: string[] = [];
  const client = { isSlow: false };
  const put = (bytes: Uint8Array | string) => {
    written.push(Buffer.from(bytes as Uint8Array).toString('latin1'));
    return !client.isSlow;
  };
  const socket = Object.assign(new EventEmitter(), { write: put });
  const request = { isClosed: false, arrivedAt: performance.now() - 5, failure: undefined as AppError | undefined };
  const raw = Object.assign(new EventEmitter(), {
    chunkedEncoding: isChunked,
    socket: isChunked ? socket : null,
    writableEnded: false,
    writeHead: vi.fn(),
    flushHeaders: vi.fn(),
    addTrailers: vi.fn(),
    write: put,
    setTimeout: vi.fn((_ms: number, onTimeout: () => void) => void raw.once('timeout', onTimeout)),
    destroy: vi.fn(),
    end: vi.fn((frame?: string) => {
      raw.writableEnded = true;
      if (frame) written.push(frame);
    }),
  });
  const close = () => {
    request.isClosed = true;
    raw.emit('close');
  };
  const hijack = vi.fn();
  const reply = {
    raw,
    request,
    hijack,
    statusCode: 200,
    getHeaders: () => ({ 'x-request-id': 'r', 'cache-control': 'private' }),
  };
  return { reply: reply as unknown as FastifyReply, raw, socket, request, hijack, written, client, close };
}

describe('an SSE writer', () => {
  it('sends the headers once, merged over those of the reply', () => {
    const { reply, raw, hijack } = createReply();
    const sse = createSseWriter(reply);
    expect(sse.isOpen).toBe(false);
    sse.open({ 'x-more': '1' });
    sse.open({ 'x-more': '2' });
    expect(sse.isOpen).toBe(true);
    expect(hijack).toHaveBeenCalledOnce();
    expect(raw.flushHeaders).toHaveBeenCalledOnce();
    expect(raw.writeHead.mock.calls).toEqual([
      [
        200,
        {
          'x-request-id': 'r',
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-cache, no-transform, no-store',
          'x-accel-buffering': 'no',
          'x-content-type-options': 'nosniff',
          'x-process-time': '5.00ms',
          'x-more': '1',
        },
      ],
    ]);
  });

  it('writes nothing to a client that has disconnected', () => {
    const { reply, raw, written, close } = createReply();
    close();
    const sse = createSseWriter(reply);
    sse.open();
    expect(sse.write('data: 1\n\n')).toBeUndefined();
    sse.end({ frame: 'data: 2\n\n' });
    expect([raw.writeHead.mock.calls, written, raw.end.mock.calls]).toEqual([[], [], []]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(['drain', 'close'])('waits for a slow client until the %s event', async (event) => {
    const { reply, raw, client } = createReply();
    const sse = createSseWriter(reply);
    sse.open();
    expect(sse.write('data: 1\n\n')).toBeUndefined();
    client.isSlow = true;
    const done = vi.fn();
    void sse.write('data: 2\n\n')?.then(done);
    await vi.advanceTimersByTimeAsync(0);
    expect(done).not.toHaveBeenCalled();
    raw.emit(event);
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveBeenCalledOnce();
    expect(raw.listenerCount('drain')).toBe(0);
  });

  it('encodes chunks of HTTP/1.1 itself, in one write each', async () => {
    const { reply, socket, written, client } = createReply({ isChunked: true });
    const sse = createSseWriter(reply);
    sse.open();
    sse.write('é\n\n');
    sse.write(Buffer.from('0123456789abcdef'));
    sse.write('');
    expect(written).toEqual(['4\r\n\u00c3\u00a9\n\n\r\n', '10\r\n0123456789abcdef\r\n']);
    client.isSlow = true;
    const slow = sse.write('x');
    socket.emit('drain');
    await slow;
  });

  it('sends a keep-alive comment after 15 seconds without data', () => {
    const { reply, written, close } = createReply();
    const sse = createSseWriter(reply);
    sse.open();
    vi.advanceTimersByTime(14_999);
    sse.write('data: 1\n\n');
    vi.advanceTimersByTime(14_999);
    expect(written).toEqual(['data: 1\n\n']);
    vi.advanceTimersByTime(1);
    expect(written).toEqual(['data: 1\n\n', ': keep-alive\n\n']);
    close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends no keep-alive comments when heartbeatMs is 0', () => {
    const { reply } = createReply();
    createSseWriter(reply, { heartbeatMs: 0 }).open();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with a frame and trailers, and destroys the response when the client makes no progress', () => {
    const { reply, raw } = createReply();
    const sse = createSseWriter(reply, { lingerMs: 100 });
    sse.open();
    sse.end({ frame: 'data: end\n\n', trailers: { 'x-outcome': 'ok' } });
    expect(raw.addTrailers).toHaveBeenCalledWith({ 'x-outcome': 'ok' });
    expect(raw.end).toHaveBeenCalledWith('data: end\n\n');
    // A timer would also end the response of a client that keeps reading.
    expect([raw.setTimeout.mock.calls[0]?.[0], vi.getTimerCount()]).toEqual([100, 0]);
    expect(raw.destroy).not.toHaveBeenCalled();
    raw.emit('timeout');
    expect(raw.destroy).toHaveBeenCalledOnce();
  });

  it('clears its timers when the client reads the end', () => {
    const { reply, raw, close } = createReply();
    const sse = createSseWriter(reply);
    sse.open();
    sse.end();
    expect(raw.addTrailers).not.toHaveBeenCalled();
    close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('streamSse', () => {
  it('rejects with an error before the headers and leaves the response to Fastify', async () => {
    const { reply, hijack } = createReply();
    const errorFrame = vi.fn(() => '');
    const failure = new AppError('INFERENCE_ERROR');
    await expect(streamSse(reply, { openAfterMs: 10, errorFrame }, () => Promise.reject(failure))).rejects.toBe(failure);
    expect([hijack.mock.calls, errorFrame.mock.calls, vi.getTimerCount()]).toEqual([[], [], 0]);
  });

  it('ends with the error frame after the headers, and records the error for the log', async () => {
    const { reply, raw, written, request } = createReply();
    const failure = new AppError('INFERENCE_ERROR');
    await streamSse(reply, { errorFrame: ({ code }) => `error: ${code}` }, async (sse) => {
      sse.open();
      throw failure;
    });
    expect([written, request.failure, raw.destroy.mock.calls]).toEqual([['error: INFERENCE_ERROR'], failure, []]);
  });

  it('closes the connection after the headers when there is no error frame', async () => {
    const { reply, raw, request } = createReply();
    await streamSse(reply, {}, async (sse) => {
      sse.open();
      throw new Error('broken');
    });
    expect(raw.destroy).toHaveBeenCalledOnce();
    expect(raw.end).not.toHaveBeenCalled();
    expect(request.failure?.code).toBe('INTERNAL_ERROR');
  });

  it('sends the headers after openAfterMs when nothing has been written', async () => {
    const { reply, raw } = createReply();
    const produced = Promise.withResolvers<void>();
    const streaming = streamSse(reply, { openAfterMs: 100 }, () => produced.promise);
    vi.advanceTimersByTime(99);
    expect(raw.writeHead).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(raw.writeHead).toHaveBeenCalledOnce();
    produced.resolve();
    expect(await streaming).toBe(reply);
    expect(raw.end).toHaveBeenCalledOnce();
  });
});

describe('pipeToSse', () => {
  it('waits for the client to drain between writes', async () => {
    const { reply, raw, written, client } = createReply();
    client.isSlow = true;
    async function* source() {
      yield 'data: 1\n\n';
      yield Buffer.from('data: 2\n\n');
    }
    const piping = pipeToSse(reply, source(), { headers: { 'content-type': 'application/jsonl' } });
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toEqual(['data: 1\n\n']);
    expect(raw.writeHead.mock.calls[0]?.[1]).toMatchObject({ 'content-type': 'application/jsonl' });
    raw.emit('drain');
    await vi.advanceTimersByTimeAsync(0);
    raw.emit('drain');
    await piping;
    expect(written).toEqual(['data: 1\n\n', 'data: 2\n\n']);
    expect(raw.end).toHaveBeenCalledOnce();
  });

  it('closes the connection when the source fails, so that clients detect the truncation', async () => {
    const { reply, raw, written } = createReply();
    async function* source() {
      yield 'data: 1\n\n';
      throw new AppError('SERVICE_UNAVAILABLE');
    }
    await pipeToSse(reply, source());
    expect(written).toEqual(['data: 1\n\n']);
    expect([raw.destroy.mock.calls.length, raw.end.mock.calls.length]).toEqual([1, 0]);
  });
});
