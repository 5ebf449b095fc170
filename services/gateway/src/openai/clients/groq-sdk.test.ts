import Groq from 'groq-sdk';
import { describe, expect, it } from 'vitest';
import { shareGateway, startPlatform, TOPOLOGIES } from '../../gateway-harness.test-support.ts';
import { type ClientsOptions, collect, HI, startForClients, TEXT, TIME, USAGE, WEATHER } from './clients.test-support.ts';

describe.each(TOPOLOGIES)('groq-sdk, which appends /openai/v1 to its base URL, model service %s', (topology) => {
  const startBehindSharedGateway = shareGateway(topology);

  async function start(options: ClientsOptions = {}, launch = startBehindSharedGateway) {
    const platform = await startForClients(topology, options, launch);
    return { ...platform, groq: new Groq({ baseURL: platform.url, apiKey: 'any' }) };
  }

  it('creates and streams chat completions', async () => {
    const { groq } = await start();
    const whole = await groq.chat.completions.create({ model: 'healthy', messages: HI });
    expect(whole).toMatchObject({ choices: [{ message: { content: TEXT }, finish_reason: 'stop' }], usage: USAGE });
    const chunks = await collect(await groq.chat.completions.create({ model: 'healthy', messages: HI, stream: true }));
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(TEXT);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });

  it('returns reasoning and tool calls', async () => {
    const { groq } = await start();
    const reasoned = await groq.chat.completions.create({ model: 'reasoning_groq', messages: HI });
    expect(reasoned.choices[0]?.message).toMatchObject({ reasoning: 'Let me think.', content: TEXT });
    const called = await groq.chat.completions.create({ model: 'tool_calls', messages: HI });
    const calls = called.choices[0]?.message.tool_calls ?? [];
    expect(calls.map((call) => JSON.parse(call.function.arguments))).toEqual([WEATHER, TIME]);
  });

  it('lists and retrieves models and creates embeddings', async () => {
    const { groq } = await start();
    const { data } = await groq.models.list();
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(['healthy', 'prodigon-sim', 'prodigon-embed']));
    expect(await groq.models.retrieve('prodigon-sim')).toMatchObject({ id: 'prodigon-sim', owned_by: 'offline' });
    const embedded = await groq.embeddings.create({ model: 'prodigon-embed', input: 'Hi' });
    expect(embedded.data[0]?.embedding).toHaveLength(256);
  });

  it('throws typed errors', async () => {
    const { groq, url, provider } = await start({ entry: { acceptsOtherIds: false }, apiKeys: ['any'] }, startPlatform);
    const createCompletion = (client: Groq, model: string, overrides: object = {}) =>
      client.chat.completions.create({ model, messages: HI, ...overrides }).catch((thrown) => thrown);
    expect(await createCompletion(groq, 'llama-unheard-of')).toBeInstanceOf(Groq.NotFoundError);
    expect(await createCompletion(groq, 'healthy', { temperature: 5 })).toBeInstanceOf(Groq.BadRequestError);
    expect(await createCompletion(new Groq({ baseURL: url, apiKey: 'wrong' }), 'healthy')).toBeInstanceOf(
      Groq.AuthenticationError,
    );
    expect(await createCompletion(groq, 'quota_429')).toBeInstanceOf(Groq.RateLimitError);
    expect(provider.calls).toHaveLength(1);
    expect(await createCompletion(groq, 'status_500')).toBeInstanceOf(Groq.InternalServerError);
    expect(provider.calls).toHaveLength(5);
  });

  it('cancels the provider call when the client aborts a stream', async () => {
    const { groq, provider } = await start();
    const arriving = provider.nextCall();
    const stream = await groq.chat.completions.create({ model: 'stall', messages: HI, stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content) stream.controller.abort();
    await (await arriving).disconnected;
  });
});
