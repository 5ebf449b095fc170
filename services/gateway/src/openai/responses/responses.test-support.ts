import type { ModelProvider } from '@prodigon/ports';
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
