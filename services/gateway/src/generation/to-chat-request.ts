import type { ChatRequest, GenerateRequest } from '@prodigon/contracts';

/** Our own request in the field's common language. */
export function toChatRequest({
  prompt,
  model,
  max_tokens,
  temperature,
  system_prompt,
  messages = [],
}: GenerateRequest): ChatRequest {
  return {
    ...(model !== undefined && { model }),
    messages: [
      ...(system_prompt === undefined ? [] : [{ role: 'system' as const, content: system_prompt }]),
      ...messages,
      { role: 'user', content: prompt },
    ],
    max_tokens,
    temperature,
  };
}
