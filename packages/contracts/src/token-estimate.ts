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

/** The usage as a provider reported it. With `isPartial`, counts are missing, or were not whole numbers. */
export interface ReportedUsage extends Partial<Usage> {
  readonly isPartial?: true;
}

/** Returns the reported usage with an estimate of the counts that are missing, and whether any of it is estimated. */
export function completeUsage(
  reported: ReportedUsage | null | undefined,
  estimate: () => Usage,
): { usage: Usage; estimated: boolean } {
  if (!reported) return { usage: estimate(), estimated: true };
  const { isPartial, ...counts } = reported;
  if (!isPartial) return { usage: reported as Usage, estimated: false };
  const usage = { ...estimate(), ...counts };
  const total_tokens = counts.total_tokens ?? usage.prompt_tokens + usage.completion_tokens;
  return { usage: { ...usage, total_tokens }, estimated: true };
}
