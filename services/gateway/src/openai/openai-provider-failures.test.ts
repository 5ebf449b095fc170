import { AppError, type ErrorCode, toOpenAiError } from '@prodigon/contracts';
import { FAULTS } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { TOPOLOGIES } from '../gateway-harness.test-support.ts';
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
const TOOLS_OR_THOUGHTS = /tool|reason/;
const whole = all.flatMap(([model, { expected }]) =>
  expected !== 'timeout' && expected.status === 200 && !TOOLS_OR_THOUGHTS.test(model) ? [model] : [],
);

describe.each(TOPOLOGIES)("OpenAI's API before a provider that fails, model service %s,", (topology) => {
  const statusOf = (code: ErrorCode) => toOpenAiError(new AppError(code)).status;

  it.each(failing)('says so in its form, in one piece: %s', async (model, code) => {
    const { post, provider, log } = await startWithFaults(topology);
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
    // What was repeated here already is not for the client to repeat.
    if (provider.calls.length > 1) expect(response.headers.get('x-should-retry')).toBe('false');
    expect(text + log()).not.toMatch(/canary|sk-ours/);
  });

  it.each(beforeContent)('says so with its status, streamed: %s', async (model, code) => {
    const { post } = await startWithFaults(topology);
    const response = await post(CHAT, { model, messages, stream: true });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      statusOf(code),
      expect.stringMatching(/^application\/json/),
    ]);
  });

  it.each(midStream)('ends a stream that had begun with an error and without [DONE]: %s', async (model, words) => {
    const { post, provider, log } = await startWithFaults(topology);
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

  it.each(whole)('passes a whole answer on unharmed: %s', async (model) => {
    const { post } = await startWithFaults(topology);
    const frames = framesOf(await (await post(CHAT, { model, messages, stream: true })).text());
    expect(frames.at(-1)).toBe('data: [DONE]');
    const chunks = frames.slice(0, -1).filter((frame) => !frame.includes('"choices":[]'));
    expect(chunks.map(contentOf).join('')).toBe(TEXT);
    expect(JSON.parse(chunks[0]?.slice(6) ?? '').choices[0].delta.role).toBe('assistant');
    expect(new Set(chunks.map((chunk) => JSON.parse(chunk.slice(6)).id)).size).toBe(1);
  });

  it.each([
    ['the first token does not come', { firstTokenMs: 50 }, 'silent_stream'],
    ['the provider does not answer', { firstTokenMs: 50 }, 'hang'],
    ['the whole takes too long', { totalTimeoutMs: 300 }, 'hang'],
  ] as const)('is 504 when %s', async (_case, options, model) => {
    const { post, provider } = await startWithFaults(topology, options);
    const response = await post(CHAT, { model, messages, stream: true });
    expect([response.status, (await response.json()).error.code]).toEqual([504, 'timeout']);
    expect(provider.calls).toHaveLength(1);
  });

  it('keeps what came when a provider falls silent in the middle', async () => {
    const { post } = await startWithFaults(topology, { idleMs: 100 });
    const frames = framesOf(await (await post(CHAT, { model: 'stall', messages, stream: true })).text());
    expect(frames.slice(0, -1).map(contentOf).join('')).toBe('Streams carry ');
    expect(frames.at(-1)).toContain('"code":"timeout"');
  });

  it('tells of the failure in the stream when the headers had to go, after heartbeats', async () => {
    const { post } = await startWithFaults(topology, { openAfterMs: 20, firstTokenMs: 300, heartbeatMs: 20 });
    const response = await post(CHAT, { model: 'silent_stream', messages, stream: true });
    expect([response.status, await response.text()]).toEqual([
      200,
      expect.stringMatching(/^(: keep-alive\n\n)+data: \{"error":\{.*"code":"timeout"\}\}\n\n$/),
    ]);
  });
});
