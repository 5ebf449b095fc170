import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { shareGateway, TOPOLOGIES } from '../../gateway-harness.test-support.ts';
import { type ClientsOptions, collect, startForClients, TEXT, TIME, WEATHER, WORDS } from './clients.test-support.ts';

describe.each(TOPOLOGIES)('LangChain, model service %s', (topology) => {
  const startBehindSharedGateway = shareGateway(topology);

  async function start(options: ClientsOptions = {}) {
    const platform = await startForClients(topology, options, startBehindSharedGateway);
    const configuration = { baseURL: platform.baseURL };
    return {
      ...platform,
      chat: (model: string) => new ChatOpenAI({ model, apiKey: 'any', configuration, maxRetries: 0 }),
      embeddings: (model: string) => new OpenAIEmbeddings({ model, apiKey: 'any', configuration, maxRetries: 0 }),
    };
  }

  it('invokes a model', async () => {
    const { chat } = await start();
    const message = await chat('healthy').invoke('Hi');
    expect(message.text).toBe(TEXT);
    expect(message.usage_metadata).toMatchObject({ input_tokens: 7, output_tokens: WORDS.length });
  });

  it('streams from a model with its usage', async () => {
    const { chat } = await start();
    const chunks = await collect(await chat('healthy').stream('Hi'));
    expect(chunks.map(({ text }) => text).join('')).toBe(TEXT);
    expect(chunks.reduce((whole, chunk) => whole.concat(chunk)).usage_metadata).toMatchObject({ output_tokens: WORDS.length });
  });

  it('binds tools and sends their results back', async () => {
    const { chat, provider } = await start();
    const tools = [
      tool(async () => 'sunny', { name: 'get_weather', schema: z.object({ city: z.string(), days: z.number() }) }),
      tool(async () => 'noon', { name: 'get_time', schema: z.object({ zone: z.string() }) }),
    ];
    const bound = chat('tool_calls').bindTools(tools);
    const question = new HumanMessage('Hi');
    const whole = await bound.invoke([question]);
    const streamed = (await collect(await bound.stream([question]))).reduce((all, chunk) => all.concat(chunk));
    for (const { tool_calls } of [whole, streamed]) {
      expect(tool_calls).toMatchObject([
        { id: 'call_weather', name: 'get_weather', args: WEATHER },
        { id: 'call_time', name: 'get_time', args: TIME },
      ]);
    }
    const results = (whole.tool_calls ?? []).map(({ id = '' }) => new ToolMessage({ content: 'seen', tool_call_id: id }));
    await chat('healthy').invoke([question, whole, ...results]);
    expect(provider.calls.at(-1)?.body.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', tool_calls: [{ id: 'call_weather' }, { id: 'call_time' }] },
      { role: 'tool', tool_call_id: 'call_weather' },
      { role: 'tool', tool_call_id: 'call_time' },
    ]);
  });

  it('generates structured output by a schema', async () => {
    const { chat, provider } = await start({ words: ['{"city":', '"Zürich"}'] });
    const structured = chat('healthy').withStructuredOutput(z.object({ city: z.string() }), { method: 'jsonSchema' });
    expect(await structured.invoke('Hi')).toEqual({ city: 'Zürich' });
    expect(provider.calls[0]?.body.response_format).toMatchObject({ type: 'json_schema' });
  });

  it.each(['prodigon-embed', 'healthy', 'float_only'])('creates embeddings of documents and queries: %s', async (model) => {
    const { embeddings } = await start();
    const [first] = await embeddings(model).embedDocuments(['One', 'Two']);
    expect(first?.length).toBeGreaterThanOrEqual(8);
    expect(await embeddings(model).embedQuery('One')).toEqual(first);
  });

  it('throws errors with status and message', async () => {
    const { chat, provider } = await start({ entry: { acceptsOtherIds: false } });
    await expect(chat('gpt-unheard-of').invoke('Hi')).rejects.toMatchObject({ status: 404 });
    await expect(chat('status_500').invoke('Hi')).rejects.toMatchObject({ status: 502 });
    expect(provider.calls).toHaveLength(4);
  });
});
