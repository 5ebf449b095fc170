import { readdirSync } from 'node:fs';
import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import type { CallContext, ProviderEvent } from '@prodigon/ports';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RECORDED_RESPONSES, recordedBytes, recordedResponse, startFaultProvider } from '../index.ts';

async function start(modelList?: string) {
  const server = await startFaultProvider({ ...(modelList && { modelList }) });
  onTestFinished(() => server.close());
  const provider = createOpenAiCompatibleProvider({ name: 'recorded', baseUrl: server.baseUrl, connectTimeoutMs: 5_000 });
  onTestFinished(() => provider.close());
  return { server, provider };
}

const context = (): CallContext => ({
  requestId: 'req',
  traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
  principal: { id: 'someone' },
  deadline: performance.now() + 10_000,
  signal: AbortSignal.timeout(10_000),
});
const requestFor = (name: string) => ({ model: `recorded_${name}`, messages: [{ role: 'user' as const, content: 'Hi' }] });
const named = (part: RegExp) =>
  RECORDED_RESPONSES.filter(({ name }) => part.test(name)).map((recorded) => [recorded.name, recorded] as const);

describe('recorded responses', () => {
  it('have one entry for each file', () => {
    const files = readdirSync(import.meta.dirname).filter((file) => /\.(json|sse)$/.test(file));
    expect(RECORDED_RESPONSES.map(({ file }) => file).sort()).toEqual(files.sort());
  });

  it.each(named(/./))('are sent byte for byte: %s', async (name, recorded) => {
    const { server } = await start();
    const response = await fetch(`${server.baseUrl}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: `recorded_${name}` }),
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([recorded.status, recorded.mediaType]);
    expect(Buffer.from(await response.arrayBuffer()).equals(recordedBytes(recorded))).toBe(true);
  });

  it.each(named(/-chat-/))('of unary calls are parsed: %s', async (name) => {
    const { provider } = await start();
    const { finish, usage } = await provider.complete(requestFor(name), context());
    expect(finish).toMatch(/^(stop|tool_calls)$/);
    expect(usage?.prompt_tokens).toBeGreaterThan(0);
  });

  it.each(named(/-stream-(?!stopped)/).filter(([name]) => name !== 'groq-stream-text'))(
    'of streams are parsed: %s',
    async (name) => {
      const { provider } = await start();
      const events: ProviderEvent[] = [];
      for await (const batch of provider.stream(requestFor(name), context())) events.push(...batch);
      expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['finish', 'usage']));
    },
  );

  it.each(['openai-models', 'groq-models'])('of model lists are parsed: %s', async (name) => {
    const { provider } = await start(name);
    const { data } = JSON.parse(recordedBytes(recordedResponse(name)).toString());
    const models = await provider.models(AbortSignal.timeout(10_000));
    expect(models.map(({ id }) => id)).toEqual(data.map(({ id }: { id: string }) => id));
  });
});
