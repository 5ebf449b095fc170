import { readFrames } from '../read-frames.ts';
import { checkRejection, LEFT, wrong } from '../verdict.ts';
import type { Activity } from './activity.ts';
import { openStream } from './streamed-responses.ts';

const CHUNKS_MAX = 20;
const BEFORE_MS_MAX = 300;

/** Opens a long stream and goes away in its middle. */
export const disconnectMidStream: Activity = async (context) => {
  const leaving = new AbortController();
  const answer = await openStream(context.random.pick(['openai', 'tokens']), 'paced-50-500', context, leaving.signal);
  if (answer.status !== 200) return checkRejection(answer);
  const reader = answer.body?.getReader();
  for (let chunks = 1 + context.random.upTo(CHUNKS_MAX); chunks > 0; chunks -= 1) {
    const next = await reader?.read();
    // A process behind it may have been killed; whether that was told is looked at by those who stay.
    if (next?.done !== false) return LEFT;
  }
  leaving.abort();
  return LEFT;
};

/** Goes away before anything has come. */
export const disconnectEarly: Activity = async (context) => {
  const leaving = AbortSignal.timeout(1 + context.random.upTo(BEFORE_MS_MAX));
  try {
    const face = context.random.pick(['openai', 'tokens'] as const);
    const answer = await openStream(face, 'stall', context, leaving);
    if (answer.status !== 200) return checkRejection(answer);
    const { end } = readFrames(face, await answer.text());
    return end === 'error' ? LEFT : wrong(`a stream that never ends has ended with ${end}`);
  } catch {
    return LEFT;
  }
};
