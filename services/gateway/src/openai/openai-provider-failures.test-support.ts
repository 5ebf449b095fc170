import { AppError, type ErrorCode, toOpenAiError } from '@prodigon/contracts';
import { FAULTS } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { type ModelOptions, shareGateway, type Topology } from '../gateway-harness.test-support.ts';
import { startWithFaults, TEXT, WORDS } from '../generation/generation.test-support.ts';

export const CHAT = '/v1/chat/completions';
export const messages = [{ role: 'user', content: 'Hi' }];
export const framesOf = (text: string) => text.split('\n\n').filter((frame) => frame !== '');
export const contentOf = (frame: string) => JSON.parse(frame.slice('data: '.length)).choices?.[0]?.delta?.content ?? '';

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

/** Defines the tests that OpenAI's API returns the right error for each included fault of a provider. */
export function describeOpenAiProviderFailures(topology: Topology, isIncluded: (model: string) => boolean): void {
  const included = <Case extends readonly [string, unknown]>(cases: readonly Case[]) =>
    cases.filter(([model]) => isIncluded(model));

  describe(`OpenAI's API with a provider that fails, model service ${topology}`, () => {
    const start = shareGateway(topology);
    const withFaults = (options: Partial<ModelOptions> = {}) => startWithFaults(topology, options, start);
    const statusOf = (code: ErrorCode) => toOpenAiError(new AppError(code)).status;

    it.each(included(failing))("returns an error in OpenAI's format: %s", async (model, code) => {
      const { post, provider, log } = await withFaults();
      const response = await post(CHAT, { model, messages });
      const text = await response.text();
      expect(response.status).toBe(statusOf(code));
      expect(JSON.parse(text)).toEqual({
        error: {
          message: expect.stringMatching(/^[A-Z].*(\.|\[redacted\])$/),
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

    it.each(included(beforeContent))(
      'returns an HTTP error for a stream that fails before its first token: %s',
      async (model, code) => {
        const { post } = await withFaults();
        const response = await post(CHAT, { model, messages, stream: true });
        expect([response.status, response.headers.get('content-type')]).toEqual([
          statusOf(code),
          expect.stringMatching(/^application\/json/),
        ]);
      },
    );

    it.each(included(midStream))('ends an open stream with an error and without [DONE]: %s', async (model, words) => {
      const { post, provider, log } = await withFaults();
      const text = await (await post(CHAT, { model, messages, stream: true })).text();
      const frames = framesOf(text);
      expect(
        frames
          .slice(0, -1)
          .map(contentOf)
          .filter((content) => content !== ''),
      ).toHaveLength(words);
      expect(JSON.parse(frames.at(-1)?.slice(6) ?? '')).toMatchObject({
        error: { type: 'server_error', code: 'provider_error' },
      });
      expect(frames).not.toContain('data: [DONE]');
      expect(provider.calls).toHaveLength(1);
      expect(text + log()).not.toMatch(/canary|sk-ours/);
    });

    it.each(whole.filter(isIncluded))('streams a complete completion: %s', async (model) => {
      const { post } = await withFaults();
      const frames = framesOf(await (await post(CHAT, { model, messages, stream: true })).text());
      expect(frames.at(-1)).toBe('data: [DONE]');
      const chunks = frames.slice(0, -1).filter((frame) => !frame.includes('"choices":[]'));
      expect(chunks.map(contentOf).join('')).toBe(TEXT);
      expect(JSON.parse(chunks[0]?.slice(6) ?? '').choices[0].delta.role).toBe('assistant');
      expect(new Set(chunks.map((chunk) => JSON.parse(chunk.slice(6)).id)).size).toBe(1);
    });
  });
}
