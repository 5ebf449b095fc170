import type { ChunkBody } from './response-bodies.ts';

const CHOICE_FIELDS = new Set(['index', 'delta', 'finish_reason', 'logprobs']);
const DELTA_FIELDS = new Set(['role', 'content', 'refusal']);

/**
 * A chunk of the form that nearly all have, a piece of text of one choice, recognised without the schema: that took
 * longer than everything else that is done with a token. Null for any other.
 */
export function usualChunkOf(parsed: unknown): ChunkBody | null {
  const { choices, usage, error, x_groq } = (parsed ?? {}) as Record<string, unknown>;
  if (!Array.isArray(choices) || choices.length !== 1) return null;
  if ((usage !== null && usage !== undefined) || error !== undefined || x_groq !== undefined) return null;
  const choice: unknown = choices[0];
  if (!hasOnly(choice, CHOICE_FIELDS) || choice.index !== 0 || !isTextOrNothing(choice.finish_reason)) return null;
  const { delta } = choice;
  if (!hasOnly(delta, DELTA_FIELDS)) return null;
  const { role, content, refusal } = delta;
  return isTextOrNothing(role) && isTextOrNothing(content) && isTextOrNothing(refusal) ? ({ choices, usage } as ChunkBody) : null;
}

function hasOnly(value: unknown, fields: ReadonlySet<string>): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  for (const field in value) if (!fields.has(field)) return false;
  return true;
}

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}
