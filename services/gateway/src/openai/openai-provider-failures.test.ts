import { AppError, type ErrorCode, toOpenAiError } from '@prodigon/contracts';
import { FAULTS } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { type ModelOptions, shareGateway, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { startWithFaults, TEXT, WORDS } from '../generation/generation.test-support.ts';

const CHAT = '/v1/chat/completions';
const messages = [{ role: 'user', content: 'Hi' }];
const framesOf = (text: string) => text.split('\n\n').filter((frame) => frame !== '');
const contentOf = (frame: string) => JSON.parse(frame.slice('data: '.length)).choices?.[0]?.delta?.content ?? '';

const all = Object.entries(FAULTS);
const failing = all.flatMap(([model, { expected }]) =>
  expected !== 'timeout' && expected.status !== 200 ? [[model, expected.code as ErrorCode] as const] : [],
);
const midStream = all.flatMap(([model, { wordsBefore }]) =>
  wordsBefore === undefined ? [] : [[model, Math.min(wordsBefore, WORDS.length)] as const],
);
const beforeContent = failing.filter(([model]) => FAULTS[model]?.wordsBefore === undefined && model !== 'flood');
const TOOLS_OR_REASONING = /tool|reason/;
const whole = all.flatMap(([model, { expected }]) =>
  expected !== 'timeout' && expected.status === 200 && !TOOLS_OR_REASONING.test(model) ? [model] : [],
);

describe.each(TOPOLOGIES)("OpenAI's API with a provider that fails, model service %s", (topology) => {
  const start = shareGateway(topology);
  const withFaults = (options: Partial<ModelOptions> = {}) => startWithFaults(topology, options, start);
  const statusOf = (code: ErrorCode) => toOpenAiError(new AppError(code)).status;

  it.each(failing)("returns an error in OpenAI's format: %s", async (model, code) => {
    const { post, provider, log } = await withFaults();
    const response = await post(CHAT, { model, messages });
    const text = await response.text();
    expect(response.status).toBe(statusOf(code));
    expect(JSON.parse(text)).toEqual({
      error: {
        message: expect.stringMatching(/^[A-Z].*\.$/),
        type: expect.any(String),
        param: code === 'NOT_FOUND' ? 'model' : null,
        code: expect.toSatisfy((value) => value === null || /^[a-z_]+$/.test(value)),
      },
    });
    expect(provider.calls.length).toBeLessThanOrEqual(4);
    // A call that Prodigon has retried must not be retried by the client.
    if (provider.calls.length > 1) expect(response.headers.get('x-should-retry')).toBe('false');
    expect(text + log()).not.toMatch(/canary|sk-ours/);
  });

  it.each(beforeContent)('returns an HTTP error for a stream that fails before its first token: %s', async (model, code) => {
    const { post } = await withFaults();
    const response = await post(CHAT, { model, messages, stream: true });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      statusOf(code),
      expect.stringMatching(/^application\/json/),
    ]);
  });

  it.each(midStream)('ends an open stream with an error and without [DONE]: %s', async (model, words) => {
    const { post, provider, log } = await withFaults();
    const text = await (await post(CHAT, { model, messages, stream: true })).text();
    const frames = framesOf(text);
    expect(
      frames
        .slice(0, -1)
        .map(contentOf)
        .filter((content) => content !== ''),
    ).toHaveLength(words);
    expect(JSON.parse(frames.at(-1)?.slice(6) ?? '')).toMatchObject({ error: { type: 'server_error', code: 'provider_error' } });
    expect(frames).not.toContain('data: [DONE]');
    expect(provider.calls).toHaveLength(1);
    expect(text + log()).not.toMatch(/canary|sk-ours/);
  });

  it.each(whole)('streams a whole completion: %s', async (model) => {
    const { post } = await withFaults();
    const frames = framesOf(await (await post(CHAT, { model, messages, stream: true })).text());
    expect(frames.at(-1)).toBe('data: [DONE]');
    const chunks = frames.slice(0, -1).filter((frame) => !frame.includes('"choices":[]'));
    expect(chunks.map(contentOf).join('')).toBe(TEXT);
    expect(JSON.parse(chunks[0]?.slice(6) ?? '').choices[0].delta.role).toBe('assistant');
    expect(new Set(chunks.map((chunk) => JSON.parse(chunk.slice(6)).id)).size).toBe(1);
  });

  it.each([
    ['the first token does not arrive', 'silent_stream'],
    ['the provider does not respond', 'hang'],
  ])('returns 504 after the first-token timeout when %s', async (_case, model) => {
    const { post, provider } = await withFaults({ firstTokenMs: 50 });
    const response = await post(CHAT, { model, messages, stream: true });
    expect([response.status, (await response.json()).error.code]).toEqual([504, 'timeout']);
    expect(provider.calls).toHaveLength(1);
  });

  it('keeps the tokens before the idle timeout', async () => {
    const { post } = await withFaults({ idleMs: 100 });
    const frames = framesOf(await (await post(CHAT, { model: 'stall', messages, stream: true })).text());
    expect(frames.slice(0, -1).map(contentOf).join('')).toBe('Streams carry ');
    expect(frames.at(-1)).toContain('"code":"timeout"');
  });

  it('returns 504 after the total timeout', async () => {
    const { post, provider } = await startWithFaults(topology, { totalTimeoutMs: 200 });
    const response = await post(CHAT, { model: 'hang', messages, stream: true });
    expect([response.status, (await response.json()).error.code]).toEqual([504, 'timeout']);
    expect(provider.calls).toHaveLength(1);
  });

  it('sends heartbeats and ends with an error if a stream fails after its headers', async () => {
    const { post } = await startWithFaults(topology, { openAfterMs: 5, firstTokenMs: 100, heartbeatMs: 10 });
    const response = await post(CHAT, { model: 'silent_stream', messages, stream: true });
    expect([response.status, await response.text()]).toEqual([
      200,
      expect.stringMatching(/^(: keep-alive\n\n)+data: \{"error":\{.*"code":"timeout"\}\}\n\n$/),
    ]);
  });
});
