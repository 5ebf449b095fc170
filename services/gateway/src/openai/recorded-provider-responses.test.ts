import { RECORDED_RESPONSES, type RecordedResponse, recordedBytes, recordedResponse } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { shareGateway, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { startWithFaults } from '../generation/generation.test-support.ts';

const CHAT = '/v1/chat/completions';
const messages = [{ role: 'user', content: 'Hi' }];
const isStream = ({ mediaType }: RecordedResponse) => mediaType.startsWith('text/event-stream');
const replies = (isWanted: (reply: RecordedResponse) => boolean) =>
  RECORDED_RESPONSES.filter(isWanted).map((reply) => [reply.name, reply] as const);
const framesOf = (text: string) => text.split('\n\n').filter((frame) => frame !== '');
const usageOf = (frame: string) => (frame === 'data: [DONE]' ? undefined : JSON.parse(frame.slice('data: '.length)).usage);

describe.each(TOPOLOGIES)('recorded responses of OpenAI and Groq, model service %s', (topology) => {
  const startShared = shareGateway(topology);
  // Without patience, Prodigon returns the short Retry-After of a recorded error instead of waiting for it.
  const start = () => startWithFaults(topology, { policy: { firstDelayMs: 1, patienceMs: 0 } }, startShared);

  it.each(replies((reply) => reply.endpoint === CHAT && reply.status === 200 && !isStream(reply)))(
    'passes a completion through byte for byte: %s',
    async (name, reply) => {
      const { post } = await start();
      const response = await post(CHAT, { model: `recorded_${name}`, messages });
      expect(response.status).toBe(200);
      expect(Buffer.from(await response.arrayBuffer()).equals(recordedBytes(reply))).toBe(true);
    },
  );

  const whole = replies((reply) => isStream(reply) && !reply.name.endsWith('stopped'));

  it.each(whole)('passes a stream through byte for byte if include_usage is set: %s', async (name, reply) => {
    const { post } = await start();
    const body = { model: `recorded_${name}`, messages, stream: true, stream_options: { include_usage: true } };
    const received = await (await post(CHAT, body)).text();
    const sent = recordedBytes(reply).toString('utf8');
    if (framesOf(sent).some((frame) => usageOf(frame) && frame.includes('"choices":[]'))) expect(received).toBe(sent);
    // If the provider reports no usage, Prodigon adds it before [DONE].
    else {
      const frames = framesOf(received);
      expect([...frames.slice(0, -2), frames.at(-1)]).toEqual(framesOf(sent));
      expect(JSON.parse(frames.at(-2)?.slice(6) ?? '')).toMatchObject({
        choices: [],
        usage: { total_tokens: expect.any(Number) },
      });
    }
  });

  it.each(whole)('removes the usage from a stream by default: %s', async (name, reply) => {
    const { post } = await start();
    const received = framesOf(await (await post(CHAT, { model: `recorded_${name}`, messages, stream: true })).text());
    const sent = framesOf(recordedBytes(reply).toString('utf8')).filter((frame) => !frame.includes('"choices":[]'));
    expect(received).toHaveLength(sent.length);
    for (const [index, frame] of sent.entries()) {
      expect(usageOf(received[index] ?? '')).toBeUndefined();
      if (!usageOf(frame)) expect(received[index]).toBe(frame.replace(',"usage":null', ''));
    }
    expect(received.at(-1)).toBe('data: [DONE]');
  });

  it('ends a stream with an error when Groq stops it', async () => {
    const { post } = await start();
    const received = framesOf(await (await post(CHAT, { model: 'recorded_groq-stream-stopped', messages, stream: true })).text());
    expect(JSON.parse(received.at(-1)?.slice(6) ?? '')).toEqual({
      error: { message: expect.any(String), type: 'server_error', param: null, code: 'provider_error' },
    });
    expect(received.join()).not.toContain('canary');
  });

  it.each(replies(({ endpoint, status }) => endpoint === '/v1/embeddings' && status === 200))(
    'passes embeddings through byte for byte: %s',
    async (name, reply) => {
      const { post } = await start();
      const response = await post('/v1/embeddings', { model: `recorded_${name}`, input: 'Hi' });
      expect(Buffer.from(await response.arrayBuffer()).equals(recordedBytes(reply))).toBe(true);
    },
  );

  it.each(replies(({ status }) => status !== 200))(
    'passes on the reason of a refused request, and replaces any other error message: %s',
    async (name, { status, headers }) => {
      const { post, provider, log } = await start();
      const response = await post(CHAT, { model: `recorded_${name}`, messages });
      const text = await response.text();
      const isPlatformFault = status === 401 || status === 498 || status >= 500;
      expect(response.status).toBe(isPlatformFault ? 502 : status);
      const isRefusal = [400, 404, 413].includes(status);
      const reason = JSON.parse(recordedBytes(recordedResponse(name)).toString()).error;
      expect(JSON.parse(text)).toEqual({
        error: {
          message: isRefusal ? reason.message.replace('org_canary', '[redacted]') : expect.not.stringContaining(reason.message),
          type: expect.any(String),
          param: isRefusal ? (reason.param ?? (status === 404 ? 'model' : null)) : null,
          code: expect.toSatisfy((code) => code !== undefined),
        },
      });
      if (name.endsWith('quota')) expect(JSON.parse(text).error.code).toBe('insufficient_quota');
      if (headers?.['retry-after'] === '20') expect(response.headers.get('retry-after')).toBe('20');
      expect(provider.calls.length).toBeLessThanOrEqual(4);
      expect(text + log()).not.toMatch(/canary|sk-ours/);
    },
  );

  it('reports the rate limits of the provider in headers', async () => {
    const { post } = await start();
    const { headers } = await post(CHAT, { model: 'ratelimit_headers', messages });
    expect(headers.get('x-prodigon-upstream-ratelimit-limit-requests')).toMatch(/^\d+$/);
    expect(headers.get('x-prodigon-upstream-ratelimit-reset-tokens')).toMatch(/^[\d.]+s$/);
    expect(headers.get('openai-processing-ms')).toMatch(/^\d+$/);
    expect([headers.get('x-prodigon-provider'), headers.get('x-prodigon-attempts')]).toEqual(['faulty', '1']);
  });
});
