import { readFrames } from '../read-frames.ts';
import { ABANDONED, checkRejection, wrong } from '../verdict.ts';
import type { Activity } from './activity.ts';
import { openStream } from './streamed-responses.ts';

const CHUNKS_MAX = 20;
const BEFORE_MS_MAX = 300;

/** Opens a long stream and disconnects in the middle. */
export const disconnectMidStream: Activity = async (context) => {
  const controller = new AbortController();
  const response = await openStream(context.random.pick(['openai', 'tokens']), 'paced-50-500', context, controller.signal);
  if (response.status !== 200) return checkRejection(response);
  const reader = response.body?.getReader();
  for (let chunks = 1 + context.random.upTo(CHUNKS_MAX); chunks > 0; chunks -= 1) {
    const next = await reader?.read();
    // A killed process can end the stream early. Activities that read to the end check how the stream reports it.
    if (next?.done !== false) return ABANDONED;
  }
  controller.abort();
  return ABANDONED;
};

/** Disconnects before the first token. */
export const disconnectEarly: Activity = async (context) => {
  const signal = AbortSignal.timeout(1 + context.random.upTo(BEFORE_MS_MAX));
  try {
    const format = context.random.pick(['openai', 'tokens'] as const);
    const response = await openStream(format, 'stall', context, signal);
    if (response.status !== 200) return checkRejection(response);
    const { end } = readFrames(format, await response.text());
    return end === 'error' ? ABANDONED : wrong(`a stalled stream ended with ${end}`);
  } catch {
    return ABANDONED;
  }
};
