import { createEmbedderProvider, createSimulatorProvider } from '@prodigon/model-providers';
import type { ProviderRegistration } from '@prodigon/ports';
import { type Platform, type PlatformOptions, startPlatform, type Topology } from '../../gateway-harness.test-support.ts';
import { startFaultyProvider } from '../../generation/generation.test-support.ts';

/** Words that break a careless SSE encoder or parser. */
export const WORDS = ['Streams ', '"carry",\n', 'line\u2028breaks ', '👩‍🚀 ', 'data: [DONE]\n\n', 'end.'];
export const TEXT = WORDS.join('');
export const USAGE = { prompt_tokens: 7, completion_tokens: WORDS.length, total_tokens: 7 + WORDS.length };

export const HI = [{ role: 'user' as const, content: 'Hi' }];
/** Arguments of the two calls of the fault provider's model `tool_calls`. */
export const WEATHER = { city: 'Zürich', days: 2 };
export const TIME = { zone: 'Europe/Zurich' };

export interface ClientsOptions extends Omit<PlatformOptions, 'providers' | 'topology'> {
  /** The words of the fault provider's responses. */
  words?: readonly string[];
  /** Overrides the fault provider's registration. */
  entry?: Partial<ProviderRegistration>;
}

/**
 * Starts the platform with the fault provider and the offline models. `start` is `startPlatform` or the function that
 * `shareGateway` returns.
 */
export async function startForClients(
  topology: Topology,
  { words = WORDS, entry, ...options }: ClientsOptions = {},
  start: (options: PlatformOptions) => Promise<Platform> = startPlatform,
) {
  const { provider, adapter } = await startFaultyProvider({ words });
  const platform = await start({
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
