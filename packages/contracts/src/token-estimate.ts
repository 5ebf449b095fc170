import { type ChatRequest, messageText } from './chat-request.ts';
import type { Usage } from './generation.ts';

/** Characters a token, on average over English prose; for when a provider does not report. */
export const CHARACTERS_PER_TOKEN = 4;

/** The usage of an answer of so many characters, counted by length. */
export function estimateUsage(request: ChatRequest, completionCharacters: number): Usage {
  const promptCharacters = request.messages.reduce((sum, message) => sum + messageText(message).length, 0);
  const prompt_tokens = Math.ceil(promptCharacters / CHARACTERS_PER_TOKEN);
  const completion_tokens = Math.ceil(completionCharacters / CHARACTERS_PER_TOKEN);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
