import { randomUUIDv7 } from 'node:crypto';
import type { Usage } from '@prodigon/contracts';

export interface CompletionParts {
  readonly model: string;
  readonly text: string;
  readonly finish: string;
  readonly usage: Usage;
}

/** An OpenAI `chat.completion` for models that speak no such format. */
export function createCompletionBody({ model, text, finish, usage }: CompletionParts): string {
  return JSON.stringify({
    id: `chatcmpl-${randomUUIDv7()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1_000),
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, logprobs: null, finish_reason: finish }],
    usage,
  });
}
