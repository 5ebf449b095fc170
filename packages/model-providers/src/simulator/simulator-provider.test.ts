import { AppError } from '@prodigon/contracts';
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

describe('the pace of the simulated model', () => {
  /** Returns the time and the number of tokens of each batch. `lateMs` makes each timer late. */
  async function batchesOf(query: string, lateMs = 0, context = { signal: new AbortController().signal }) {
    let time = 0;
    const clock = {
      now: () => time,
      sleep: async (ms: number) => {
        time += ms + lateMs;
      },
    };
    const request = { model: `prodigon-sim?${query}`, messages: [] };
    const batches: [number, number][] = [];
    for await (const batch of createSimulatorProvider({ clock }).stream(request, context as CallContext))
      if (batch[0]?.type === 'text') batches.push([time, batch.length]);
    return batches;
  }

  it('is one token at each time that it is due', async () => {
    expect(await batchesOf('ttft_ms=50&tokens_per_s=100&tokens=4')).toEqual([
      [50, 1],
      [60, 1],
      [70, 1],
      [80, 1],
    ]);
  });

  it('catches up in one batch after a late timer, up to the end', async () => {
    expect(await batchesOf('ttft_ms=0&tokens_per_s=100&tokens=6', 20)).toEqual([
      [20, 1],
      [50, 3],
      [80, 2],
    ]);
  });

  it('has batches of at most 256 tokens', async () => {
    const batches = await batchesOf('ttft_ms=0&tokens_per_s=1000000&tokens=600', 10);
    expect(batches.map(([, tokens]) => tokens)).toEqual([1, 256, 256, 87]);
  });

  it('waits at least a millisecond at a high rate', async () => {
    expect(await batchesOf('ttft_ms=0&tokens_per_s=10000&tokens=12')).toEqual([
      [0, 1],
      [1, 10],
      [2, 1],
    ]);
  });

  it('multiplies the time to the first token by fifty with the fault slow_first_token', async () => {
    expect(await batchesOf('ttft_ms=3&tokens=1&fault=slow_first_token')).toEqual([[150, 1]]);
  });
});

describe('a fault of the simulated model', () => {
  const signalling = () => {
    const controller = new AbortController();
    return { controller, context: { signal: controller.signal } as CallContext };
  };
  let time = 0;
  const clock = {
    now: () => time,
    sleep: async (ms: number) => {
      time += ms;
    },
  };
  const provider = createSimulatorProvider({ clock });
  const request = (query: string) => ({ model: `prodigon-sim?${query}`, messages: [] });
  const reason = new AppError('CANCELLED');

  it.each(['hang', 'stall&after=0'])('%s sends nothing until the client disconnects', async (fault) => {
    const { controller, context: aborting } = signalling();
    const next = provider
      .stream(request(`fault=${fault}`), aborting)
      [Symbol.asyncIterator]()
      .next();
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
    const aborted = provider
      .stream(request(`fault=${fault}`), aborting)
      [Symbol.asyncIterator]()
      .next();
    await expect(aborted).rejects.toBe(reason);
  });

  it.each(['stall', 'error_after'])('%s comes after exactly the given number of tokens', async (fault) => {
    const late = { now: () => (time += 1_000), sleep: async () => {} };
    const { controller, context: aborting } = signalling();
    const received: ProviderEvent[] = [];
    const reading = (async () => {
      const stream = createSimulatorProvider({ clock: late }).stream(request(`fault=${fault}&after=5&tokens=20`), aborting);
      for await (const batch of stream) {
        received.push(...batch);
        if (received.length >= 5) setImmediate(() => controller.abort(reason));
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: fault === 'stall' ? 'CANCELLED' : 'INFERENCE_ERROR' });
    expect(received.map(({ type }) => type)).toEqual(Array(5).fill('text'));
  });

  it('ends a completion with the error of a truncated response when the finish reason is missing', async () => {
    const { context: calm } = signalling();
    await expect(provider.complete(request('tokens=1&fault=no_finish'), calm)).rejects.toMatchObject({
      code: 'INFERENCE_ERROR',
      message: 'The model provider ended its response early.',
    });
    expect(await provider.complete(request('tokens=3&ttft_ms=0'), calm)).toMatchObject({
      text: expect.stringMatching(/^\S+ \S+ \S+ $/),
      finish: 'stop',
      usage: { prompt_tokens: 0, completion_tokens: 3, total_tokens: 3 },
    });
  });

  it('stops between batches when the client disconnects', async () => {
    const { controller, context: aborting } = signalling();
    const stream = provider.stream(request('tokens=600&tokens_per_s=1000000'), aborting)[Symbol.asyncIterator]();
    await stream.next();
    controller.abort(reason);
    await expect(stream.next()).rejects.toBe(reason);
  });
});

it('offers one offline model without embeddings', async () => {
  const provider = createSimulatorProvider();
  expect(provider).toMatchObject({ name: 'offline', offline: true });
  expect(await provider.models(context.signal)).toMatchObject([{ id: 'prodigon-sim' }]);
  await expect(provider.embed({ model: 'm', input: 'a', encoding_format: 'float' }, context)).rejects.toBeInstanceOf(AppError);
});

it('lets other work run between its batches, however high the rate is', async () => {
  const provider = createSimulatorProvider();
  let turns = 0;
  let isDone = false;
  const tick = () => {
    turns += 1;
    if (!isDone) setImmediate(tick);
  };
  setImmediate(tick);
  const request = { model: 'prodigon-sim?ttft_ms=0&tokens_per_s=1000000&tokens=5120', messages: [] };
  await provider.complete(request, context);
  isDone = true;
  // A turn follows after at most two batches of 256 tokens.
  expect(turns).toBeGreaterThanOrEqual(5_120 / 512);
});

describe('a request whose response would be very large', () => {
  const list = { type: 'array', minItems: 3_000, items: { type: 'boolean' } };
  const format = (schema: object) => ({ response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } });
  const tools = [{ type: 'function', function: { name: 'f', parameters: list } }];
  const allowed = Array(100).fill({ type: 'function', function: { name: 'f' } });

  it.each<[string, string, object]>([
    ['many choices of a large schema', 'response_format.json_schema.schema', { n: 128, ...format(list) }],
    [
      'log probabilities of long JSON',
      'response_format.json_schema.schema',
      { logprobs: true, ...format({ const: 'x'.repeat(90_000) }) },
    ],
    ['many choices of a large call', 'tools[0].function.parameters', { n: 128, tools, tool_choice: 'required' }],
    ['a long stop sequence', 'stop', { stop: 'a'.repeat(1_025) }],
  ])('is refused for %s', async (_case, path, fields) => {
    const request = { model: 'prodigon-sim?ttft_ms=0', messages: [], ...fields };
    await expect(createSimulatorProvider().complete(request as never, context)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      details: [{ path }],
    });
  });

  it('ends no text between the halves of a character', async () => {
    const model = 'prodigon-sim?ttft_ms=0&tokens_per_s=1000000';
    const request = { model, messages: [], stop: '\ude00', ...format({ const: '😀' }) };
    expect(await createSimulatorProvider().complete(request as never, context)).toMatchObject({ text: '"😀"' });
  });

  it('calls a function once, however often it is allowed', async () => {
    const tool_choice = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: allowed } };
    const request = {
      model: 'prodigon-sim?ttft_ms=0&tokens_per_s=1000000',
      messages: [],
      tools,
      tool_choice,
      parallel_tool_calls: true,
    };
    const { body } = await createSimulatorProvider().complete(request as never, context);
    expect(JSON.parse(body ?? '').choices[0].message.tool_calls).toHaveLength(1);
  });
});
