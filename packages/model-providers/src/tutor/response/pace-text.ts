import { abortReason } from '@prodigon/ports';
import type { Clock } from '../../clock.ts';

const WORDS_PER_PIECE = 2;
const PIECES_PER_SECOND = 160;

/** Splits a text into pieces of two words with their white space. The joined pieces are the text. */
function piecesOf(text: string): string[] {
  return text.match(new RegExp(`(?:\\s*\\S+\\s*){1,${WORDS_PER_PIECE}}`, 'g')) ?? (text === '' ? [] : [text]);
}

/**
 * Yields a text at a comfortable reading pace. Each step yields every piece that is due, which is more than one when the
 * event loop was busy, so the pace holds under load. Throws the signal's reason when the signal aborts.
 */
export async function* paceText(text: string, clock: Clock, signal: AbortSignal): AsyncGenerator<string[]> {
  const pieces = piecesOf(text);
  const startedAt = clock.now();
  let sent = 0;
  while (sent < pieces.length) {
    if (signal.aborted) throw abortReason(signal);
    const due = Math.floor(((clock.now() - startedAt) / 1_000) * PIECES_PER_SECOND) + 1;
    if (due > sent) {
      yield pieces.slice(sent, due);
      sent = Math.min(due, pieces.length);
    } else {
      const nextAt = startedAt + (sent * 1_000) / PIECES_PER_SECOND;
      await clock.sleep(Math.max(1, nextAt - clock.now()), signal);
    }
  }
}
