import type { Turn } from './conversation.ts';

/** Returns a conversation as JSON: each question with the shown response, its model and its usage. */
export function exportConversation(turns: readonly Turn[]): string {
  const exported = turns.map(({ prompt, response }) => ({
    question: prompt,
    model: response.model,
    requested_at: response.requestedAt === null ? null : new Date(response.requestedAt).toISOString(),
    state: response.state,
    response: response.text,
    ...(response.reasoning && { reasoning: response.reasoning }),
    usage: response.usage,
  }));
  return `${JSON.stringify({ turns: exported }, null, 2)}\n`;
}
