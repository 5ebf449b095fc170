import type { ModelProvider, ProviderEvent, ProviderRequest } from '@prodigon/ports';
import OpenAI from 'openai';
import { type PlatformOptions, startPlatform } from '../../gateway-harness.test-support.ts';

export interface ResponsesPlatformOptions extends Omit<PlatformOptions, 'providers' | 'topology'> {
  provider: ModelProvider;
}

/** Starts the platform in one process on a real socket, and an OpenAI client for it. */
export async function startResponses({ provider, ...options }: ResponsesPlatformOptions) {
  const platform = await startPlatform({
    topology: 'in one process',
    providers: [{ endpoints: [provider], acceptsOtherIds: true }],
    policy: { firstDelayMs: 1 },
    ...options,
  });
  const baseURL = `${platform.url}/v1`;
  return { ...platform, baseURL, openai: new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 }) };
}

/** Creates a provider that returns these events for every request and records the requests. */
export function createScriptedProvider(events: readonly ProviderEvent[]) {
  const requests: ProviderRequest[] = [];
  const provider: ModelProvider = {
    name: 'scripted',
    offline: true,
    models: async () => [{ id: 'script' }],
    complete: async () => ({ text: '', finish: 'stop', usage: null }),
    async *stream(request) {
      requests.push(request);
      for (const event of events) yield [event];
    },
    embed: async () => ({ body: '', usage: null }),
  };
  return { ...provider, requests };
}
