import type { ResponseMetadata } from '@prodigon/ports';
import type { FastifyReply } from 'fastify';
import { expect, it, onTestFinished, vi } from 'vitest';
import { recordUsage, reportMetadata } from './response-metadata.ts';

const metadata: ResponseMetadata = {
  provider: 'groq',
  model: 'large',
  attempts: [
    { provider: 'groq', model: 'large', error: 'INFERENCE_ERROR', latencyMs: 1 },
    { provider: 'groq', model: 'large', error: null, latencyMs: 1 },
  ],
  warning: null,
  rateLimits: null,
};

function createReply({ sent = false } = {}) {
  const headers: Record<string, string> = {};
  const request = { record: {} as Record<string, unknown>, arrivedAt: performance.now() };
  const reply = { request, sent, headers: (added: Record<string, string>) => void Object.assign(headers, added) };
  return { reply: reply as unknown as FastifyReply, headers, record: request.record };
}

it('reports provider, model and attempts in the headers and the log', () => {
  const { reply, headers, record } = createReply();
  reportMetadata(reply, metadata);
  expect(headers).toEqual({
    'x-prodigon-provider': 'groq',
    'x-prodigon-model': 'large',
    'x-prodigon-attempts': '2',
    'openai-processing-ms': expect.stringMatching(/^\d+$/),
  });
  expect(record).toEqual({ provider: 'groq', model: 'large', attempts: 2 });
});

it('reports a warning in the headers and the log', () => {
  const { reply, headers, record } = createReply();
  reportMetadata(reply, { ...metadata, warning: 'old was retired' });
  expect([headers['x-prodigon-warning'], record.warning]).toEqual(['old was retired', 'old was retired']);
});

it('sets no headers after they are sent', () => {
  const { reply, headers, record } = createReply({ sent: true });
  reportMetadata(reply, metadata);
  expect(headers).toEqual({});
  expect(record).toMatchObject({ provider: 'groq' });
});

it('percent-encodes characters that a header cannot contain', () => {
  const { reply, headers } = createReply();
  reportMetadata(reply, { ...metadata, model: 'größe\n~' });
  expect(headers['x-prodigon-model']).toBe('gr%C3%B6%C3%9Fe%0A~');
});

it('reports the rate limits that the provider reported', () => {
  const { reply, headers } = createReply();
  const requests = { limit: 60, remaining: 0, resetMs: 1_500 };
  const tokens = { limit: null, remaining: 7, resetMs: null };
  reportMetadata(reply, { ...metadata, rateLimits: { requests, tokens } });
  expect(headers).toMatchObject({
    'x-prodigon-upstream-ratelimit-limit-requests': '60',
    'x-prodigon-upstream-ratelimit-remaining-requests': '0',
    'x-prodigon-upstream-ratelimit-reset-requests': '1.5s',
    'x-prodigon-upstream-ratelimit-remaining-tokens': '7',
  });
  expect(Object.keys(headers).filter((name) => name.endsWith('-tokens'))).toEqual([
    'x-prodigon-upstream-ratelimit-remaining-tokens',
  ]);
});

it('adds finish reason, usage, cost and time to first token to the log', () => {
  const { reply, record } = createReply();
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  recordUsage(reply.request, { finish: 'stop', usage, estimated: true, costUsd: 0.5, timings: { ttftMs: 9, totalMs: 10 } });
  expect(record).toEqual({ finish: 'stop', usage, estimated: true, cost_usd: 0.5, ttft_ms: 9 });
});

it('reports the processing time in whole milliseconds since the request arrived', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  const { reply, headers } = createReply();
  vi.advanceTimersByTime(1_234);
  vi.spyOn(performance, 'now').mockReturnValueOnce(performance.now() + 0.6);
  reportMetadata(reply, metadata);
  expect(headers['openai-processing-ms']).toBe('1235');
});

it('adds only usage and cost to the log for a response without finish reason and timings', () => {
  const { reply, record } = createReply();
  const usage = { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1 };
  recordUsage(reply.request, { usage, estimated: false, costUsd: null });
  expect(record).toEqual({ usage, estimated: false, cost_usd: null });
});
