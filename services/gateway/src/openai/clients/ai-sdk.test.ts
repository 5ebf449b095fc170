import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, embed, embedMany, generateText, isStepCount, Output, streamText, tool } from 'ai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { shareGateway, TOPOLOGIES } from '../../gateway-harness.test-support.ts';
import { type ClientsOptions, collect, startForClients, TEXT, TIME, WEATHER, WORDS } from './clients.test-support.ts';

describe.each(TOPOLOGIES)('AI SDK with its OpenAI-compatible provider, model service %s', (topology) => {
  const startBehindSharedGateway = shareGateway(topology);

  async function start(options: ClientsOptions = {}) {
    const platform = await startForClients(topology, options, startBehindSharedGateway);
    const prodigon = createOpenAICompatible({
      name: 'prodigon',
      baseURL: platform.baseURL,
      apiKey: 'any',
      includeUsage: true,
      supportsStructuredOutputs: true,
    });
    return { ...platform, prodigon };
  }

  it('generates text', async () => {
    const { prodigon } = await start();
    const { text, finishReason, usage } = await generateText({ model: prodigon('healthy'), prompt: 'Hi' });
    expect({ text, finishReason }).toEqual({ text: TEXT, finishReason: 'stop' });
    expect(usage).toMatchObject({ inputTokens: 7, outputTokens: WORDS.length });
  });

  it('streams text with its usage', async () => {
    const { prodigon } = await start();
    const result = streamText({ model: prodigon('healthy'), prompt: 'Hi' });
    expect((await collect(result.textStream)).join('')).toBe(TEXT);
    expect(await result.finishReason).toBe('stop');
    expect(await result.usage).toMatchObject({ inputTokens: 7, outputTokens: WORDS.length });
  });

  it('separates reasoning from text', async () => {
    const { prodigon } = await start();
    for (const model of ['reasoning', 'reasoning_groq']) {
      const whole = await generateText({ model: prodigon(model), prompt: 'Hi' });
      expect([whole.reasoningText, whole.text]).toEqual(['Let me think.', TEXT]);
      const parts = await collect(streamText({ model: prodigon(model), prompt: 'Hi' }).fullStream);
      const reasoning = parts.map((part) => (part.type === 'reasoning-delta' ? part.text : '')).join('');
      expect(reasoning).toBe('Let me think.');
    }
  });

  it('calls tools and sends their results back', async () => {
    const { prodigon, provider } = await start();
    const tools = {
      get_weather: tool({ inputSchema: z.object({ city: z.string(), days: z.int() }), execute: async () => 'sunny' }),
      get_time: tool({ inputSchema: z.object({ zone: z.string() }), execute: async () => 'noon' }),
    };
    const options = { model: prodigon('tool_calls'), prompt: 'Hi', tools, stopWhen: isStepCount(2) };
    const streamed = streamText(options);
    await streamed.consumeStream();
    for (const steps of [(await generateText(options)).steps, await streamed.steps]) {
      expect(steps[0]?.toolCalls).toMatchObject([
        { toolCallId: 'call_weather', toolName: 'get_weather', input: WEATHER },
        { toolCallId: 'call_time', toolName: 'get_time', input: TIME },
      ]);
    }
    for (const call of [provider.calls[1], provider.calls[3]]) {
      expect(call?.body.messages).toMatchObject([
        { role: 'user' },
        { role: 'assistant', tool_calls: [{ id: 'call_weather' }, { id: 'call_time' }] },
        { role: 'tool', tool_call_id: 'call_weather', content: 'sunny' },
        { role: 'tool', tool_call_id: 'call_time', content: 'noon' },
      ]);
    }
  });

  it('generates an object by a schema and sends the schema to the provider', async () => {
    const { prodigon, provider } = await start({ words: ['{"city":', '"Zürich"}'] });
    const schema = z.object({ city: z.string() });
    const { output } = await generateText({ model: prodigon('healthy'), prompt: 'Hi', output: Output.object({ schema }) });
    expect(output).toEqual({ city: 'Zürich' });
    expect(provider.calls[0]?.body.response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { schema: { required: ['city'] } },
    });
  });

  it('creates embeddings of one text and of several texts', async () => {
    const { prodigon } = await start();
    const model = prodigon.embeddingModel('prodigon-embed');
    const { embedding } = await embed({ model, value: 'One' });
    const { embeddings } = await embedMany({ model, values: ['One', 'Two'] });
    expect(embedding).toHaveLength(256);
    expect(embeddings[0]).toEqual(embedding);
    expect(embeddings).toHaveLength(2);
  });

  it('throws errors with status and message', async () => {
    const { prodigon, provider } = await start({ entry: { acceptsOtherIds: false } });
    const generate = (model: string) =>
      generateText({ model: prodigon(model), prompt: 'Hi', maxRetries: 0 }).catch((thrown: unknown) => thrown);
    expect(await generate('gpt-unheard-of')).toMatchObject({
      statusCode: 404,
      message: expect.stringContaining('gpt-unheard-of'),
    });
    const failed = await generate('status_500');
    expect(APICallError.isInstance(failed)).toBe(true);
    expect(failed).toMatchObject({ statusCode: 502, message: expect.stringMatching(/^The model provider .*\.$/) });
    expect(provider.calls).toHaveLength(4);
  });
});
