import { AppError } from '@prodigon/contracts';
import type { GenerationOutcome, ResponseMetadata } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { errorFrame, finalFrames, splitAtFrameBoundary, sseFrame } from './sse-frames.ts';

async function read(...parts: Uint8Array[]): Promise<string[]> {
  async function* body() {
    yield* parts;
  }
  const frames: string[] = [];
  for await (const bytes of splitAtFrameBoundary(body())) frames.push(Buffer.from(bytes).toString());
  return frames;
}

describe('splitAtFrameBoundary', () => {
  const text = 'data: "é"\n\nid: 1\nevent: token\ndata: "👩‍🚀"\n\ndata: "end"\n\n';

  it('yields complete frames for every split of the stream', async () => {
    const bytes = Buffer.from(text);
    for (let offset = 0; offset <= bytes.length; offset++) {
      const frames = await read(bytes.subarray(0, offset), bytes.subarray(offset));
      expect(frames.join('')).toBe(text);
      for (const frame of frames) expect(frame).toMatch(/\n\n$/);
    }
  });

  it('drops an incomplete last frame, so that an error frame can follow', async () => {
    expect(await read(Buffer.from('data: "a"\n\ndata: "b'))).toEqual(['data: "a"\n\n']);
  });

  it('yields chunks of complete frames without waiting for more', async () => {
    expect(await read(Buffer.from('data: 1\n\n'), Buffer.from('data: 2\n\ndata: 3\n\n'))).toEqual([
      'data: 1\n\n',
      'data: 2\n\ndata: 3\n\n',
    ]);
  });
});

describe('a frame', () => {
  it('has an id only when one is given', () => {
    expect(sseFrame('token', 'a\nb')).toBe('event: token\ndata: "a\\nb"\n\n');
    expect(sseFrame('token', 1, 'g:1')).toBe('id: g:1\nevent: token\ndata: 1\n\n');
  });
});

describe('finalFrames', () => {
  const metadata = {
    model: 'm',
    provider: 'p',
    attempts: [{}, {}],
    warning: null,
    rateLimits: null,
  } as unknown as ResponseMetadata;
  const outcome: GenerationOutcome = {
    status: 'completed',
    finish: 'length',
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    estimated: false,
    costUsd: 0.5,
    timings: { ttftMs: 1.236, totalMs: 9.994 },
    sequence: 7,
  };

  it.each(['tokens', 'chunks'] as const)('ends a stream in the format %s with [DONE]', (format) => {
    expect(finalFrames(format, { generationId: 'g', metadata, outcome })).toBe('data: [DONE]\n\n');
  });

  it('reports usage and timings, rounded to hundredths of a millisecond, numbered after the content', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, estimated: false, cost_usd: 0.5 };
    const done = { finish_reason: 'length', ttft_ms: 1.24, latency_ms: 9.99, model: 'm', provider: 'p', attempts: 2 };
    expect(finalFrames('events', { generationId: 'g', metadata, outcome })).toBe(
      sseFrame('usage', usage, 'g:8') + sseFrame('done', done, 'g:9'),
    );
  });

  it('reports the total time as time to first token, and `stop`, when the provider reported neither', () => {
    const end = { generationId: 'g', metadata, outcome: { ...outcome, finish: null, timings: { ttftMs: null, totalMs: 5 } } };
    expect(finalFrames('events', end)).toContain('"finish_reason":"stop","ttft_ms":5,"latency_ms":5');
  });
});

describe('errorFrame', () => {
  const error = new AppError('INFERENCE_ERROR', 'One.\r\nTwo.');

  it('keeps the message of the plain format on one line', () => {
    expect(errorFrame('tokens', error)).toBe('data: [ERROR] One. Two.\n\n');
  });

  it('carries code, message and retryable in a typed event', () => {
    expect(errorFrame('events', error)).toBe(
      sseFrame('error', { code: 'INFERENCE_ERROR', message: 'One.\r\nTwo.', retryable: true }),
    );
  });

  it('carries the delay of Retry-After in a typed event', () => {
    const limited = new AppError('BUDGET_EXHAUSTED', 'Used up.', { retryAfterSeconds: 2.4 });
    const data = { code: 'BUDGET_EXHAUSTED', message: 'Used up.', retryable: false, retry_after_seconds: 3 };
    expect(errorFrame('events', limited)).toBe(sseFrame('error', data));
  });

  it("uses OpenAI's error format between chunks", () => {
    expect(errorFrame('chunks', error)).toBe(
      `data: ${JSON.stringify({ error: { message: 'One.\r\nTwo.', type: 'server_error', param: null, code: 'provider_error' } })}\n\n`,
    );
  });
});
