import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import { startQuirkProvider, VENDOR_QUIRKS, type VendorQuirk } from '@prodigon/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shareGateway } from '../gateway-harness.test-support.ts';
import { readAll, STREAM, TYPED, textOf } from '../generation/generation.test-support.ts';

const ALL = VENDOR_QUIRKS.map((quirk) => [quirk.name, quirk] as const);
/** The model service repairs responses, so that a gateway in another process needs no further cases. */
const ONE_OF_EACH_KIND = [...new Map(ALL.toReversed().map((each) => [each[0].split(':')[0], each])).values()];
const messages = [{ role: 'user' as const, content: 'Hi' }];

describe.each(['in one process', 'over HTTP/2'] as const)(
  'a response of a provider with quirks, model service %s',
  (topology) => {
    const startShared = shareGateway(topology);
    let current: VendorQuirk;
    let provider: Awaited<ReturnType<typeof startQuirkProvider>>;
    let adapter: ReturnType<typeof createOpenAiCompatibleProvider>;

    beforeAll(async () => {
      provider = await startQuirkProvider(() => current);
      adapter = createOpenAiCompatibleProvider({ name: 'quirky', baseUrl: provider.baseUrl, connectTimeoutMs: 5_000 });
    });
    afterAll(async () => {
      await adapter.close();
      await provider.close();
    });

    async function start(quirk: VendorQuirk) {
      current = quirk;
      const platform = await startShared({ topology, providers: [{ endpoints: [adapter], acceptsOtherIds: true }] });
      const client = new OpenAI({ baseURL: `${platform.url}/v1`, apiKey: 'none', maxRetries: 0 });
      const callsBefore = provider.calls;
      return { ...platform, client, callCount: () => provider.calls - callsBefore };
    }

    it.each(topology === 'in one process' ? ALL : ONE_OF_EACH_KIND)(
      'is complete on every endpoint, after one call each: %s',
      async (_name, quirk) => {
        const { client, post, callCount } = await start(quirk);
        const { text, toolCalls = [], estimated } = quirk;

        const whole = await client.chat.completions.create({ model: 'm', messages });
        expect(whole).toMatchObject({
          object: 'chat.completion',
          id: expect.stringMatching(/./),
          model: expect.stringMatching(/./),
        });
        expectMessage(whole.choices[0]?.message, quirk);
        expect(whole.choices[0]?.finish_reason).toBe(toolCalls.length > 0 ? 'tool_calls' : 'stop');
        expectUsage(whole.usage, estimated);

        const stream = client.chat.completions.stream({ model: 'm', messages, stream_options: { include_usage: true } });
        const streamed = await stream.finalChatCompletion();
        expectMessage(streamed.choices[0]?.message, quirk);
        expect(streamed.choices[0]?.finish_reason).toBe(toolCalls.length > 0 ? 'tool_calls' : 'stop');
        expectUsage(streamed.usage, estimated);

        const response = await client.responses.create({ model: 'm', input: 'Hi' });
        expect(response).toMatchObject({ status: 'completed', output_text: text });
        const calls = response.output.flatMap((item) => (item.type === 'function_call' ? [[item.name, item.arguments]] : []));
        expect(calls).toEqual(toolCalls.map(({ name, arguments: args }) => [name, args]));

        const events: { type: string }[] = [];
        for await (const event of await client.responses.create({ model: 'm', input: 'Hi', stream: true })) events.push(event);
        expect(events.at(-1)).toMatchObject({ type: 'response.completed' });

        const generated = await post('/api/v1/generate', { model: 'm', prompt: 'Hi' });
        expect([generated.status, (await generated.json()).text]).toEqual([200, text]);

        const frames = (await (await post(STREAM, { model: 'm', prompt: 'Hi' })).text()).split('\n\n').filter(Boolean);
        expect(frames.pop()).toBe('data: [DONE]');
        expect(frames.map((each) => JSON.parse(each.slice('data: '.length))).join('')).toBe(text);

        const typed = await readAll(await post(STREAM, { model: 'm', prompt: 'Hi' }, TYPED));
        expect(textOf(typed)).toBe(text);
        expect(typed.find(({ event }) => event === 'usage')?.data).toMatchObject({ estimated });
        expect(typed.at(-1)?.event).toBe('done');

        expect(callCount()).toBe(7);
      },
    );
  },
);

function expectMessage(message: object | undefined, { text, toolCalls = [], reasoning }: VendorQuirk): void {
  const {
    content,
    tool_calls = [],
    reasoning_content,
  } = message as {
    content: string | null;
    tool_calls?: { id: string; type: string; function: object }[];
    reasoning_content?: string;
  };
  expect(content ?? '').toBe(text);
  expect(tool_calls).toMatchObject(
    toolCalls.map((call) => ({ type: 'function', id: expect.stringMatching(/./), function: call })),
  );
  if (reasoning !== undefined) expect(reasoning_content).toBe(reasoning);
}

function expectUsage(usage: object | undefined, estimated: boolean): void {
  const count = expect.any(Number);
  expect(usage).toMatchObject({ prompt_tokens: count, completion_tokens: count, total_tokens: count });
  expect((usage as { estimated?: boolean }).estimated ?? false).toBe(estimated);
  for (const value of Object.values(usage ?? {})) if (typeof value === 'number') expect(Number.isSafeInteger(value)).toBe(true);
}
