import { FAULTS } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { type ModelOptions, shareGateway, type Topology } from '../gateway-harness.test-support.ts';
import { readAll, STREAM, startWithFaults, TYPED, WORDS } from './generation.test-support.ts';

const failing = Object.entries(FAULTS).flatMap(([model, { expected }]) =>
  expected !== 'timeout' && expected.status !== 200 ? [[model, expected] as const] : [],
);
const midStream = failing.flatMap(([model]) => {
  const count = FAULTS[model]?.wordsBefore;
  return count === undefined ? [] : [[model, WORDS.slice(0, count)] as const];
});
const beforeContent = failing.filter(([model]) => FAULTS[model]?.wordsBefore === undefined && model !== 'flood');

/** Returns the expected number of provider calls. Invalid requests, a refused key and a redirect are not retried. */
const expectedCallsFor = (model: string, code: string | undefined) =>
  code === 'INFERENCE_ERROR' && model !== 'redirect_307' ? 4 : 1;

/**
 * One fault for each status, code and Retry-After, before and in mid-stream. The model service classifies faults, and
 * only their class reaches the gateway, so remote topologies need no other faults.
 */
export const REPRESENTATIVE_FAULTS: ReadonlySet<string> = new Set(
  new Map(
    failing
      .filter(([model]) => model !== 'flood')
      .map(([model, expected]) => [JSON.stringify([expected, FAULTS[model]?.wordsBefore !== undefined]), model]),
  ).values(),
);

/** Defines the tests that the platform returns the documented error for each included fault of a provider. */
export function describeProviderFailures(topology: Topology, isIncluded: (model: string) => boolean): void {
  const included = <Case extends readonly [string, unknown]>(cases: readonly Case[]) =>
    cases.filter(([model]) => isIncluded(model));

  describe(`a provider that fails, model service ${topology}`, () => {
    const start = shareGateway(topology);
    const withFaults = (options: Partial<ModelOptions> = {}) => startWithFaults(topology, options, start);

    it.each(included(failing))(
      'returns the documented error for a completion: %s',
      async (model, { status, code, retryAfter = null }) => {
        const { post, provider, log } = await withFaults();
        const response = await post('/api/v1/generate', { prompt: 'Hi', model });
        const body = await response.text();
        expect([response.status, JSON.parse(body).error.code]).toEqual([status, code]);
        expect(JSON.parse(body).error).toMatchObject({
          request_id: response.headers.get('x-request-id'),
          message: expect.stringMatching(/^[A-Z].*(\.|\[redacted\])$/),
        });
        expect(response.headers.get('retry-after')).toBe(retryAfter);
        expect(provider.calls).toHaveLength(expectedCallsFor(model, code));
        expect(response.headers.get('x-prodigon-attempts')).toBe(String(expectedCallsFor(model, code)));
        expect(body + log()).not.toMatch(/canary|sk-ours/);
      },
    );

    it.each(included(beforeContent))(
      'returns an HTTP error for a stream that fails before its first token: %s',
      async (model, expected) => {
        const { post, provider } = await withFaults();
        const response = await post(STREAM, { prompt: 'Hi', model });
        expect([response.status, (await response.json()).error.code]).toEqual([expected.status, expected.code]);
        expect(provider.calls).toHaveLength(expectedCallsFor(model, expected.code));
      },
    );

    it.each(included(beforeContent))(
      'ends a typed stream with an error event before its first token: %s',
      async (model, { code }) => {
        const { post } = await withFaults();
        const events = await readAll(await post(STREAM, { prompt: 'Hi', model }, TYPED));
        expect(events.map(({ event }) => event)).toEqual(['start', 'error']);
        expect(events[1]?.data).toMatchObject({ code });
      },
    );

    it.each(included(midStream))(
      'keeps the tokens before a failure in mid-stream and does not retry: %s',
      async (model, words) => {
        const { post, provider, log } = await withFaults();
        const plain = await (await post(STREAM, { prompt: 'Hi', model })).text();
        const kept = words.map((word) => `data: ${JSON.stringify(word)}\n\n`).join('');
        expect(plain.slice(0, kept.length)).toBe(kept);
        expect(plain.slice(kept.length)).toMatch(/^data: \[ERROR\] [^\n]+\n\n$/);
        expect(provider.calls).toHaveLength(1);

        const events = await readAll(await post(STREAM, { prompt: 'Hi', model }, TYPED));
        expect(events.map(({ event }) => event)).toEqual(['start', ...words.map(() => 'token'), 'error']);
        expect(events.at(-1)?.data).toMatchObject({ code: 'INFERENCE_ERROR', retryable: true });
        expect(plain + log()).not.toContain('canary');
      },
    );
  });
}
