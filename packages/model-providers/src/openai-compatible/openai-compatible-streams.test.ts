import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { AppError } from '@prodigon/contracts';
import type { ProviderEvent } from '@prodigon/ports';
import { describe, expect, it, vi } from 'vitest';
import { COMPLETION, request, respondWith, setUp } from './openai-compatible-provider.test-support.ts';

const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8' };
const frame = (content: string) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;

async function collect(batches: AsyncIterable<readonly ProviderEvent[]>): Promise<string> {
  let received = '';
  for await (const batch of batches) for (const event of batch) if (event.type === 'text') received += event.text;
  return received;
}

describe('a stream of a provider', () => {
  it('requests the usage, and keeps the other options of the client', async () => {
    const { provider, requests, context } = await setUp(respondWith(`${frame('a')}data: [DONE]\n\n`, EVENT_STREAM));
    const stream_options = { include_usage: false, more: 1 };
    expect(await collect(provider.stream({ ...request, stream_options }, context))).toBe('a');
    expect(requests[0]?.body).toEqual({ ...request, stream: true, stream_options: { include_usage: true, more: 1 } });
  });

  it('keeps its connection for the next request after [DONE]', async () => {
    const { provider, context, connectionsOf } = await setUp((response) => {
      response.writeHead(200, EVENT_STREAM).write(`${frame('a')}data: [DONE]\n\n`);
      setImmediate(() => response.end());
    });
    await collect(provider.stream(request, context));
    // The connection is free when the end of the previous body has arrived.
    await vi.waitFor(async () => {
      const before = connectionsOf();
      await collect(provider.stream(request, context));
      expect(connectionsOf()).toBe(before);
    });
  });

  it('cancels the request when the reader stops early', async () => {
    const closed = Promise.withResolvers<void>();
    const { provider, context } = await setUp((response) => {
      response.on('close', closed.resolve);
      response.writeHead(200, EVENT_STREAM).write(frame('a'));
    });
    for await (const _ of provider.stream(request, context)) break;
    await closed.promise;
  });

  it('ends when its signal aborts, although the decoder still holds a part of the body', async () => {
    const controller = new AbortController();
    const { provider, context } = await setUp(
      respondWith(gzipSync(frame('a').repeat(20_000)), { ...EVENT_STREAM, 'content-encoding': 'gzip' }),
    );
    const stream = provider.stream(request, { ...context, signal: controller.signal })[Symbol.asyncIterator]();
    await stream.next();
    controller.abort(new AppError('CANCELLED'));
    await expect(stream.next()).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('yields the events before a failure in the middle', async () => {
    const { provider, context } = await setUp(respondWith(`${frame('kept')}data: {"error":{}}\n\n`, EVENT_STREAM));
    const received: string[] = [];
    const reading = async () => {
      for await (const batch of provider.stream(request, context)) received.push(...batch.map(({ type }) => type));
    };
    await expect(reading()).rejects.toMatchObject({ code: 'INFERENCE_ERROR' });
    expect(received).toEqual(['chunk', 'text']);
  });

  it.each(['application/json', 'text/event-streams'])('fails when the provider responds with %s', async (type) => {
    const { provider, context } = await setUp(respondWith('{"text":"no stream"}', { 'content-type': type }));
    await expect(collect(provider.stream(request, context))).rejects.toMatchObject({
      code: 'INFERENCE_ERROR',
      message: 'The model provider sent a response that is not a completion.',
    });
  });

  it.each(['application/json', 'text/event-stream'])('may be one completion, labelled %s', async (type) => {
    const { provider, context } = await setUp(respondWith(COMPLETION, { 'content-type': type }));
    expect(await collect(provider.stream(request, context))).toBe('Hello');
  });

  it.each([
    ['brotli', brotliCompressSync],
    ['deflate', deflateSync],
    ['bare deflate', deflateRawSync],
  ])('fails with the reason when it is %s without a label, as a completion does', async (_name, compress) => {
    const { provider, context } = await setUp(respondWith(compress(frame('a').repeat(9)), EVENT_STREAM));
    const error = { code: 'INFERENCE_ERROR', message: expect.stringContaining('compressed without a `Content-Encoding`') };
    await expect(collect(provider.stream(request, context))).rejects.toMatchObject(error);
    await expect(provider.complete(request, context)).rejects.toMatchObject(error);
  });

  it('may have another label', async () => {
    const { provider, context } = await setUp(respondWith(`${frame('a')}data: [DONE]\n\n`, { 'content-type': 'text/plain' }));
    expect(await collect(provider.stream(request, context))).toBe('a');
  });

  it.each([
    ['text', { content: 'a' }],
    ['reasoning', { reasoning: 'a' }],
    ['a tool call', { tool_calls: [{ index: 0, id: 'c', function: { name: 'f' } }] }],
  ])('coalesces reads after the first content is %s, and not before', async (_case, delta) => {
    const readCoalescer = { isCoalescing: true, wait: vi.fn((callback: () => void) => void setImmediate(callback)) };
    const [content, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { provider, context } = await setUp(
      async (response) => {
        response.writeHead(200, EVENT_STREAM).write('data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n');
        await content.promise;
        response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`);
        await end.promise;
        response.end('data: [DONE]\n\n');
      },
      { readCoalescer },
    );
    const stream = provider.stream(request, context)[Symbol.asyncIterator]();
    await stream.next();
    content.resolve();
    await stream.next();
    expect(readCoalescer.wait).not.toHaveBeenCalled();
    end.resolve();
    expect((await stream.next()).value?.map(({ type }: ProviderEvent) => type)).toContain('finish');
    expect((await stream.next()).done).toBe(true);
    expect(readCoalescer.wait).toHaveBeenCalled();
  });
});
