import type { ChatRequest } from './chat-request.ts';
import type { GenerateRequest } from './generation.ts';

/** Translates a request of `/api/v1/generate`, or the prompt of a job with its options, into a chat completion request. */
export function generateToChat(request: GenerateRequest): ChatRequest {
  const { prompt, model, max_tokens, temperature, system_prompt, messages = [] } = request;
  return {
    ...(model !== undefined && { model }),
    messages: [
      ...(system_prompt === undefined ? [] : [{ role: 'system' as const, content: system_prompt }]),
      ...messages,
      { role: 'user', content: prompt },
    ],
    ...(max_tokens !== undefined && { max_tokens }),
    ...(temperature !== undefined && { temperature }),
  };
}

/** Returns the field of the request that became this field of its chat completion request. */
export function generateFieldOf({ system_prompt, messages = [] }: GenerateRequest, chatField: string): string {
  if (chatField === 'max_completion_tokens') return 'max_tokens';
  const [isMessage, index, rest = ''] = /^messages(?:[[.](\d+)\]?(.*))?$/.exec(chatField) ?? [];
  if (isMessage === undefined) return chatField;
  const earlier = Number(index) - (system_prompt === undefined ? 0 : 1);
  if (earlier === -1) return 'system_prompt';
  return messages[earlier] === undefined ? 'prompt' : `messages[${earlier}]${rest}`;
}
