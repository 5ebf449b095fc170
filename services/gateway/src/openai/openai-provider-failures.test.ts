import { describe, expect, it } from 'vitest';
import { type ModelOptions, shareGateway, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { installFakeTimers, startWithFaults } from '../generation/generation.test-support.ts';
import { CHAT, contentOf, describeOpenAiProviderFailures, framesOf, messages } from './openai-provider-failures.test-support.ts';

describeOpenAiProviderFailures('in one process', () => true);

describe.each(TOPOLOGIES)("OpenAI's API with a silent provider, model service %s", (topology) => {
  const start = shareGateway(topology);
  const withFaults = (options: Partial<ModelOptions> = {}) => startWithFaults(topology, options, start);

  it.each([
    ['the first token does not arrive', 'silent_stream'],
    ['the provider does not respond', 'hang'],
  ])('returns 504 after the first-token timeout when %s', async (_case, model) => {
    const advanceTimers = installFakeTimers();
    const { post, provider } = await withFaults({ firstTokenMs: 50 });
    const calling = provider.nextCall();
    const responding = post(CHAT, { model, messages, stream: true });
    await calling;
    advanceTimers(50);
    const response = await responding;
    expect([response.status, (await response.json()).error.code]).toEqual([504, 'timeout']);
    expect(provider.calls).toHaveLength(1);
  });

  it('keeps the tokens before the idle timeout', async () => {
    const { post } = await withFaults({ idleMs: 100 });
    const frames = framesOf(await (await post(CHAT, { model: 'stall', messages, stream: true })).text());
    expect(frames.slice(0, -1).map(contentOf).join('')).toBe('Streams carry ');
    expect(frames.at(-1)).toContain('"code":"timeout"');
  });

  it('sends heartbeats and ends with an error if a stream fails after its headers', async () => {
    const advanceTimers = installFakeTimers();
    const { post, provider } = await startWithFaults(topology, { openAfterMs: 5, firstTokenMs: 100, heartbeatMs: 10 });
    const calling = provider.nextCall();
    const responding = post(CHAT, { model: 'silent_stream', messages, stream: true });
    await calling;
    advanceTimers(100);
    const response = await responding;
    expect([response.status, await response.text()]).toEqual([
      200,
      expect.stringMatching(/^(: keep-alive\n\n)+data: \{"error":\{.*"code":"timeout"\}\}\n\n$/),
    ]);
  });
});
