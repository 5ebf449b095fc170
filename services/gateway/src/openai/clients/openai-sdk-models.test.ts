import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { shareGateway, TOPOLOGIES } from '../../gateway-harness.test-support.ts';
import { type ClientsOptions, collect, startForClients, TEXT, WORDS } from './clients.test-support.ts';

describe.each(TOPOLOGIES)('OpenAI SDK for models, responses and embeddings, model service %s', (topology) => {
  const startBehindSharedGateway = shareGateway(topology);

  async function start(options: ClientsOptions = {}) {
    const platform = await startForClients(topology, options, startBehindSharedGateway);
    return { ...platform, openai: new OpenAI({ baseURL: platform.baseURL, apiKey: 'any' }) };
  }

  it('lists models, including aliases and retired ids', async () => {
    const { openai } = await start({
      entry: {
        models: { healthy: { aliases: ['well'], contextTokens: 1_000, outputTokensMax: 100 } },
        retired: { 'gone/model': { on: '2020-01-01', use: 'healthy' } },
      },
    });
    const models = await collect(openai.models.list());
    expect(models).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'healthy', object: 'model', owned_by: 'faulty', context_window: 1_000 }),
        expect.objectContaining({ id: 'well', alias_of: 'healthy' }),
        expect.objectContaining({ id: 'gone/model', alias_of: 'healthy', retires_on: '2020-01-01' }),
        expect.objectContaining({ id: 'prodigon-sim', owned_by: 'offline' }),
        expect.objectContaining({ id: 'prodigon-embed' }),
      ]),
    );
  });

  it('retrieves a model whose id contains a slash', async () => {
    const { openai } = await start({
      entry: { models: { healthy: {} }, retired: { 'gone/model': { on: '2020-01-01', use: 'healthy' } } },
    });
    expect(await openai.models.retrieve('healthy')).toMatchObject({ id: 'healthy', owned_by: 'faulty' });
    expect(await openai.models.retrieve('gone/model')).toMatchObject({ id: 'gone/model', alias_of: 'healthy' });
  });

  it('creates and streams responses', async () => {
    const { openai } = await start();
    const body = { model: 'healthy', input: 'Hi' };
    const whole = await openai.responses.create({ ...body });
    const events = await collect(await openai.responses.create({ ...body, stream: true }));
    const last = events.at(-1);
    expect([events[0]?.type, last?.type]).toEqual(['response.created', 'response.completed']);
    expect(whole.output_text).toBe(TEXT);
    const streamed = await openai.responses.stream({ ...body }).finalResponse();
    for (const { output_text, status, usage } of [whole, streamed]) {
      expect({ output_text, status }).toEqual({ output_text: TEXT, status: 'completed' });
      expect(usage?.output_tokens).toBe(WORDS.length);
    }
  });

  it.each(['prodigon-embed', 'healthy', 'float_only'])(
    'creates the same embeddings in base64, the default, and as numbers: %s',
    async (model) => {
      const { openai } = await start();
      const input = ['One text', 'Another text'];
      const byDefault = await openai.embeddings.create({ model, input });
      const asNumbers = await openai.embeddings.create({ model, input, encoding_format: 'float' });
      expect(byDefault.data.map(({ index }) => index)).toEqual([0, 1]);
      for (const [index, { embedding }] of byDefault.data.entries()) {
        const numbers = asNumbers.data[index]?.embedding ?? [];
        expect(embedding.length).toBeGreaterThanOrEqual(8);
        expect(embedding).toEqual([...Float32Array.from(numbers)]);
      }
      expect(byDefault.usage.prompt_tokens).toBeGreaterThan(0);
    },
  );

  it('creates embeddings of the requested dimensions with the offline model', async () => {
    const { openai, provider } = await start();
    const { data } = await openai.embeddings.create({ model: 'prodigon-embed', input: 'Hi', dimensions: 64 });
    expect(data[0]?.embedding).toHaveLength(64);
    expect(provider.calls).toHaveLength(0);
  });
});
