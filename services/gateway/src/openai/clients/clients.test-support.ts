import { createEmbedderProvider, createOpenAiCompatibleProvider, createSimulatorProvider } from '@prodigon/model-providers';
import type { ProviderRegistration } from '@prodigon/ports';
import { startFaultProvider } from '@prodigon/testing';
import { onTestFinished } from 'vitest';
import { type PlatformOptions, startPlatform, type Topology } from '../../gateway-harness.test-support.ts';

/** Words that would break a careless framing. */
export const WORDS = ['Streams ', '"carry",\n', 'line\u2028breaks ', '👩‍🚀 ', 'data: [DONE]\n\n', 'end.'];
export const TEXT = WORDS.join('');
export const USAGE = { prompt_tokens: 7, completion_tokens: WORDS.length, total_tokens: 7 + WORDS.length };

export const HI = [{ role: 'user' as const, content: 'Hi' }];
/** The arguments of the two calls of the fault provider's model `tool_calls`. */
export const WEATHER = { city: 'Zürich', days: 2 };
export const TIME = { zone: 'Europe/Zurich' };

export interface ClientsOptions extends Omit<PlatformOptions, 'providers' | 'topology'> {
  /** What the fault provider says. */
  words?: readonly string[];
  /** How the fault provider is known to the platform. */
  entry?: Partial<ProviderRegistration>;
}

/** The platform with the offline models, behind a provider that fails as its model's name says. */
export async function startForClients(topology: Topology, { words = WORDS, entry, ...options }: ClientsOptions = {}) {
  const provider = await startFaultProvider({ words });
  onTestFinished(() => provider.close());
  const { baseUrl } = provider;
  const adapter = createOpenAiCompatibleProvider({ name: 'faulty', baseUrl, apiKey: 'sk-ours', connectTimeoutMs: 5_000 });
  onTestFinished(() => adapter.close());
  const platform = await startPlatform({
    topology,
    providers: [
      { endpoints: [adapter], acceptsOtherIds: true, ...entry },
      { endpoints: [createSimulatorProvider()] },
      { endpoints: [createEmbedderProvider()] },
    ],
    policy: { firstDelayMs: 1 },
    ...options,
  });
  return { ...platform, provider, baseURL: `${platform.url}/v1` };
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
