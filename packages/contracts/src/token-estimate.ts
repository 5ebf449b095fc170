import { type ChatRequest, messageText } from './chat-request.ts';
import type { Usage } from './generation.ts';

/** Average characters per token of English prose, to estimate usage that a provider does not report. */
export const CHARACTERS_PER_TOKEN = 4;

/** Estimates usage by the length of the request and the completion. */
export function estimateUsage(request: ChatRequest, completionCharacters: number): Usage {
  const promptCharacters = request.messages.reduce((sum, message) => sum + messageText(message).length, 0);
  const prompt_tokens = Math.ceil(promptCharacters / CHARACTERS_PER_TOKEN);
  const completion_tokens = Math.ceil(completionCharacters / CHARACTERS_PER_TOKEN);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
