import type { ChatRequest, Usage } from '@prodigon/contracts';

/** The tutor has no tokenizer: a token is taken to be four characters, which is about right for English. */
export const CHARACTERS_PER_TOKEN = 4;

/** Estimated counts: everything that was sent, and everything that was answered. */
export function estimateUsage(messages: ChatRequest['messages'], answer: string): Usage {
  const asked = messages.reduce((sum, { content }) => sum + content.length, 0);
  const prompt = Math.ceil(asked / CHARACTERS_PER_TOKEN);
  const completion = Math.ceil(answer.length / CHARACTERS_PER_TOKEN);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
