import { readStreamEvents, streamChunks } from '@prodigon/api-client';
import type { StreamEvent } from '@prodigon/contracts';
import { createOpenAiCompatibleProvider, createSimulatorProvider } from '@prodigon/model-providers';
import { startFaultProvider } from '@prodigon/testing';
import { onTestFinished } from 'vitest';
import { type PlatformOptions, startPlatform, type Topology } from '../gateway-harness.test-support.ts';

/** Words that would break a careless framing. */
export const WORDS = [
  'Streams ',
  'carry ',
  '"quotes",\n',
  'line\u2028breaks, ',
  'carriage\r\nreturns, ',
  '👩‍🚀 ',
  'data: [DONE]\n\n',
  'end.',
];
export const TEXT = WORDS.join('');
export const STREAM = '/api/v1/generate/stream';
export const TYPED = { headers: { 'x-stream-version': '2' } };

/** The platform in front of a provider that fails as its model's name says. */
export async function startWithFaults(topology: Topology, options: Partial<PlatformOptions> = {}) {
  const provider = await startFaultProvider({ words: WORDS });
  onTestFinished(() => provider.close());
  const adapter = createOpenAiCompatibleProvider({
    name: 'faulty',
    baseUrl: provider.baseUrl,
    apiKey: 'sk-ours-0123456789',
    connectTimeoutMs: 5_000,
  });
  onTestFinished(() => adapter.close());
  const platform = await startPlatform({
    topology,
    providers: [{ endpoints: [adapter], acceptsOtherIds: true }],
    policy: { firstDelayMs: 1 },
    ...options,
  });
  return { ...platform, provider };
}

export function startWithSimulator(topology: Topology, options: Partial<PlatformOptions> = {}) {
  return startPlatform({
    topology,
    providers: [{ endpoints: [createSimulatorProvider()] }],
    // What is tried again must not run into the short deadlines of these tests.
    policy: { firstDelayMs: 1 },
    ...options,
  });
}

export async function readAll(response: Response): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of eventsOf(response)) events.push(event);
  return events;
}

export function eventsOf(response: Response): AsyncGenerator<StreamEvent> {
  return readStreamEvents(streamChunks(response.body as ReadableStream<Uint8Array>));
}

export function textOf(events: readonly StreamEvent[]): string {
  return events.map(({ event, data }) => (event === 'token' ? data : '')).join('');
}
