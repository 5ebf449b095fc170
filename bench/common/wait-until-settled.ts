import { setTimeout as wait } from 'node:timers/promises';
import { LabRefusal } from '@prodigon/lab';
import { OPEN_STREAMS_PATH } from '../provider/answer-requests.ts';

const WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 100;

/**
 * Waits for streams whose callers have left to end at the provider too, so that they do not burden whoever is measured next.
 * Rejects with a `LabRefusal` when they go on.
 */
export async function waitUntilSettled(name: string, providerUrl: string, signal: AbortSignal): Promise<void> {
  for (let waitedMs = 0; waitedMs < WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    const answer = await fetch(`${providerUrl}${OPEN_STREAMS_PATH}`, { signal });
    const { open } = (await answer.json()) as { open: number };
    if (open === 0) return;
    await wait(LOOK_EVERY_MS, null, { signal });
  }
  throw new LabRefusal(`${name}: streams were still open at the provider ${WITHIN_MS / 1_000} s after their callers had left.`);
}
