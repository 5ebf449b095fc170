import type { CallContext, ProviderEvent } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createSimulatorProvider } from './simulator-provider.ts';

const context = { signal: new AbortController().signal } as CallContext;

/** Runs the simulator with a clock that advances only during `sleep`. */
async function run(model: string, max_tokens?: number) {
  let now = 0;
  const provider = createSimulatorProvider({
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    },
  });
  const events: (ProviderEvent & { at: number })[] = [];
  const request = { model, messages: [{ role: 'user' as const, content: 'Hello you' }], ...(max_tokens && { max_tokens }) };
  for await (const batch of provider.stream(request, context)) for (const event of batch) events.push({ ...event, at: now });
  return { events, text: events.map((event) => (event.type === 'text' ? event.text : '')).join('') };
}

describe('the simulated model', () => {
  it('keeps the configured pace', async () => {
    const { events } = await run('prodigon-sim?ttft_ms=200&tokens_per_s=100&tokens=101');
    const tokens = events.filter(({ type }) => type === 'text');
    expect(tokens[0]?.at).toBe(200);
    expect(tokens.at(-1)?.at).toBeCloseTo(1_200, -1);
  });

  it('repeats its text for the same seed only', async () => {
    const say = async (seed: number) => (await run(`prodigon-sim?seed=${seed}&tokens=40`)).text;
    expect(await say(1)).toBe(await say(1));
    expect(await say(1)).not.toBe(await say(2));
  });

  it('reports its usage and its finish reason', async () => {
    expect((await run('prodigon-sim?tokens=5')).events.slice(-2)).toMatchObject([
      { type: 'finish', reason: 'stop' },
      { type: 'usage', usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 } },
    ]);
    expect((await run('prodigon-sim?tokens=50', 7)).events.slice(-2)).toMatchObject([
      { reason: 'length' },
      { usage: { completion_tokens: 7 } },
    ]);
    expect((await run('prodigon-sim?tokens=5&fault=wrong_usage')).events.at(-1)).toMatchObject({
      usage: { completion_tokens: 5_000 },
    });
  });

  it('delays the first token with the fault slow_first_token', async () => {
    expect((await run('prodigon-sim?ttft_ms=100&tokens=1&fault=slow_first_token')).events[0]?.at).toBe(5_000);
  });

  it('fails according to its fault parameter', async () => {
    await expect(run('prodigon-sim?fault=error_after&after=0')).rejects.toMatchObject({ code: 'INFERENCE_ERROR' });
    await expect(run('prodigon-sim?fault=rate_limit&retry_after=9')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterSeconds: 9,
    });
    expect((await run('prodigon-sim?tokens=2&fault=no_finish')).events.map(({ type }) => type)).toEqual(['text', 'text']);
  });

  it.each(['tokens=0', 'tokens=many', 'fault=gremlins', 'tokns=5', 'ttft_ms=-1'])(
    'rejects the invalid parameters %s',
    async (query) => {
      await expect(run(`prodigon-sim?${query}`)).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
        details: [expect.anything()],
      });
    },
  );
});
