import { GENERATION_LIMITS, type Message } from '@prodigon/contracts';
import type { Answer } from './answer.ts';

/** A question and its answer. */
export interface Turn {
  id: string;
  prompt: string;
  /** The model string that was asked for; null for the platform's default. */
  model: string | null;
  answer: Answer;
}

/**
 * The earlier turns as a request carries them: those with an answer, failed ones left out, the
 * newest that fit the API's limits. A turn goes with both its messages or not at all.
 */
export function historyOf(turns: readonly Turn[]): Message[] {
  const { messagesMax, messageCharactersMax } = GENERATION_LIMITS;
  const usable = turns.filter(({ prompt, answer }) => {
    const hasEnded = answer.state === 'done' || answer.state === 'stopped' || answer.state === 'interrupted';
    return hasEnded && answer.text.trim() !== '' && Math.max(prompt.length, answer.text.length) <= messageCharactersMax;
  });
  return usable.slice(-Math.floor(messagesMax / 2)).flatMap(({ prompt, answer }): Message[] => [
    { role: 'user', content: prompt },
    { role: 'assistant', content: answer.text },
  ]);
}
