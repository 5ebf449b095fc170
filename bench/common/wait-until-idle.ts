import { setTimeout as wait } from 'node:timers/promises';
import { OPEN_STREAMS_PATH } from '../provider/provider-server.ts';

const WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 100;

/**
 * Waits for streams whose callers have left to end at the provider too, and breaks off what is still open then, so that
 * it does not burden whoever is measured next. Resolves with how many those were.
 */
export async function waitUntilIdle(providerUrl: string, signal: AbortSignal): Promise<number> {
  for (let waitedMs = 0; waitedMs < WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    if ((await openStreams(providerUrl, 'GET', signal)) === 0) return 0;
    await wait(LOOK_EVERY_MS, null, { signal });
  }
  return openStreams(providerUrl, 'DELETE', signal);
}

async function openStreams(providerUrl: string, method: 'GET' | 'DELETE', signal: AbortSignal): Promise<number> {
  const answer = await fetch(`${providerUrl}${OPEN_STREAMS_PATH}`, { method, signal });
  return ((await answer.json()) as { open: number }).open;
}
