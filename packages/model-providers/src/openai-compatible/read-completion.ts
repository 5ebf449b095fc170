import type { ProviderCompletion } from '@prodigon/ports';
import { plainUsageOf } from './plain-usage.ts';
import { completionBodySchema } from './response-bodies.ts';

/** What a `chat.completion` says. Throws when it is none. */
export function readCompletion(body: string): ProviderCompletion {
  const parsed = JSON.parse(body);
  const usual = usualCompletionOf(parsed);
  if (usual) return { ...usual, body };
  const { choices, usage } = completionBodySchema.parse(parsed);
  return { text: choices[0].message.content ?? '', finish: choices[0].finish_reason, usage: usage ?? null, body };
}

/** Of the form that nearly all have, recognised without the schema: that took as long as parsing. Null for any other. */
function usualCompletionOf(parsed: {
  choices?: { message?: { content?: unknown }; finish_reason?: unknown }[];
  usage?: unknown;
}): ProviderCompletion | null {
  const choice = Array.isArray(parsed?.choices) ? parsed.choices[0] : undefined;
  const text = choice?.message?.content;
  const finish = choice?.finish_reason;
  const usage = plainUsageOf(parsed?.usage);
  return typeof text === 'string' && typeof finish === 'string' && usage ? { text, finish, usage } : null;
}
