import { setTimeout } from 'node:timers/promises';
import { abortReason } from '@prodigon/ports';

/** Time as the tutor needs it; a test puts its own here. */
export interface Clock {
  /** Milliseconds on a clock that does not go back. */
  now(): number;
  /** Resolves after `ms`; rejects at once when the signal aborts, with whatever. */
  wait(ms: number, signal: AbortSignal): Promise<unknown>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) => setTimeout(ms, undefined, { signal }),
};

const WORDS_PER_PIECE = 2;
const PIECES_PER_SECOND = 160;

/** Text in pieces of two words with the white space after them; joined they are the text. */
export function piecesOf(text: string): string[] {
  return text.match(new RegExp(`(?:\\s*\\S+\\s*){1,${WORDS_PER_PIECE}}`, 'g')) ?? (text === '' ? [] : [text]);
}

/**
 * The pieces at a pleasant reading pace. Each turn yields all that are due: one, or several when the event
 * loop was busy, so the pace holds under load. Throws the signal's reason when it aborts.
 */
export async function* paceText(text: string, clock: Clock, signal: AbortSignal): AsyncGenerator<string[]> {
  const pieces = piecesOf(text);
  const startedAt = clock.now();
  let sent = 0;
  while (sent < pieces.length) {
    if (signal.aborted) throw abortReason(signal);
    const due = Math.floor(((clock.now() - startedAt) / 1000) * PIECES_PER_SECOND) + 1;
    if (due > sent) {
      yield pieces.slice(sent, due);
      sent = Math.min(due, pieces.length);
    } else {
      const nextAt = startedAt + (sent * 1000) / PIECES_PER_SECOND;
      await clock.wait(Math.max(1, nextAt - clock.now()), signal).catch((thrown: unknown) => {
        throw signal.aborted ? abortReason(signal) : thrown;
      });
    }
  }
}
