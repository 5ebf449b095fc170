import { readStreamEvents, streamChunks } from '@prodigon/api-client';
import type { StreamEvent } from '@prodigon/contracts';
import { createOpenAiCompatibleProvider, createSimulatorProvider } from '@prodigon/model-providers';
import { type FaultProviderOptions, startFaultProvider } from '@prodigon/testing';
import { onTestFinished, vi } from 'vitest';
import { type Platform, type PlatformOptions, startPlatform, type Topology } from '../gateway-harness.test-support.ts';

/** Words that break a careless SSE encoder or parser. */
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

/** Starts a provider whose model ids select faults, and its adapter. */
export async function startFaultyProvider(options: FaultProviderOptions = {}) {
  const provider = await startFaultProvider({ words: WORDS, ...options });
  onTestFinished(() => provider.close());
  const adapter = createOpenAiCompatibleProvider({
    name: 'faulty',
    baseUrl: provider.baseUrl,
    apiKey: 'sk-ours-0123456789',
    connectTimeoutMs: 5_000,
  });
  onTestFinished(() => adapter.close());
  return { provider, adapter };
}

/** Starts the platform with the fault provider. `start` is `startPlatform` or the function that `shareGateway` returns. */
export async function startWithFaults<Options extends Partial<PlatformOptions>>(
  topology: Topology,
  options: Options = {} as Options,
  start: (options: PlatformOptions) => Promise<Platform> = startPlatform,
) {
  const { provider, adapter } = await startFaultyProvider();
  const providers = [{ endpoints: [adapter], acceptsOtherIds: true }];
  const platform = await start({ topology, providers, policy: { firstDelayMs: 1 }, ...options });
  return { ...platform, provider };
}

export function startWithSimulator(topology: Topology, options: Partial<PlatformOptions> = {}) {
  return startPlatform({
    topology,
    providers: [{ endpoints: [createSimulatorProvider()] }],
    // Retries must fit into the short deadlines of these tests.
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

/**
 * Replaces the timers and the clock of the test. Returns a function that advances them by milliseconds. A timeout of the
 * platform then elapses when the test says so, however busy the machine is.
 */
export function installFakeTimers(): (ms: number) => void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  return (ms) => void vi.advanceTimersByTime(ms);
}

/** Waits, without timers, until the condition is true. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(setImmediate);
}
