import { GENERATION_LIMITS, type GenerateRequestInput, type Message } from '@prodigon/contracts';
import { isRunning, shownResponse, type Turn } from './conversation.ts';

/** The earlier turns that a request includes. */
export interface ConversationHistory {
  readonly messages: Message[];
  /** The number of oldest turns that do not fit into the request. */
  readonly omittedTurns: number;
}

/** The most turns that a request includes. Each has a question and a response. */
export const TURNS_MAX = Math.floor(GENERATION_LIMITS.messagesMax / 2);

/**
 * Returns the newest turns that fit the API's limits beside the rest of the request, oldest first. Includes partial
 * responses, and omits empty ones with their questions.
 */
export function historyOf(turns: readonly Turn[], request: Omit<GenerateRequestInput, 'messages'>): ConversationHistory {
  const usable = turns
    .filter(({ response }) => !isRunning(response))
    .map((turn) => ({ prompt: turn.prompt, text: shownResponse(turn).text }))
    .filter(({ text }) => text.trim() !== '');
  const messages: Message[] = [];
  let bytes = jsonBytes({ ...request, messages });
  let omittedTurns = usable.length;
  for (const { prompt, text } of usable.slice(-TURNS_MAX).reverse()) {
    const pair: Message[] = [
      { role: 'user', content: prompt },
      { role: 'assistant', content: text },
    ];
    bytes += jsonBytes(pair);
    const isTooLong = pair.some(({ content }) => content.length > GENERATION_LIMITS.messageCharactersMax);
    if (isTooLong || bytes > GENERATION_LIMITS.bodyBytesMax) break;
    messages.unshift(...pair);
    omittedTurns -= 1;
  }
  return { messages, omittedTurns };
}

const encoder = new TextEncoder();
const jsonBytes = (value: unknown) => encoder.encode(JSON.stringify(value)).length;
