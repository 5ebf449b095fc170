import type { ReportedUsage, Usage } from '@prodigon/contracts';
import { isRecord } from '@prodigon/contracts';

/** The largest count that the database stores. */
const COUNT_MAX = 2_147_483_647;

/**
 * Reads the usage of a response. Usage serves accounting only, so a malformed count never fails the response. Fractions
 * are rounded up, and counts that are missing or meaningless are left out for an estimate. Returns null without any count.
 */
export function readUsage(value: unknown): ReportedUsage | null {
  if (!isRecord(value)) return null;
  return readCompleteUsage(value) ?? readPartialUsage(value);
}

/** Reads the most common form, in which every count is a whole number. Returns null for any other. */
function readCompleteUsage(value: Record<string, unknown>): Usage | null {
  const { prompt_tokens, completion_tokens, total_tokens } = value;
  if (!isCount(prompt_tokens) || !isCount(completion_tokens) || !isCount(total_tokens)) return null;
  const cached_tokens = detailOf(value.prompt_tokens_details, 'cached_tokens');
  const reasoning_tokens = detailOf(value.completion_tokens_details, 'reasoning_tokens');
  if (!isCount(cached_tokens) || !isCount(reasoning_tokens)) return null;
  return withDetails({ prompt_tokens, completion_tokens, total_tokens }, cached_tokens, reasoning_tokens);
}

function readPartialUsage(value: Record<string, unknown>): ReportedUsage | null {
  const total = readCount(value.total_tokens);
  let prompt = readCount(value.prompt_tokens);
  let completion = readCount(value.completion_tokens);
  if (total !== null) {
    if (completion !== null) prompt ??= atLeastZero(total - completion);
    if (prompt !== null) completion ??= atLeastZero(total - prompt);
  }
  if (prompt === null && completion === null) return null;
  const cached = detailOf(value.prompt_tokens_details, 'cached_tokens');
  const reasoning = detailOf(value.completion_tokens_details, 'reasoning_tokens');
  const details = [readCount(cached) ?? 0, readCount(reasoning) ?? 0] as const;
  if (prompt !== null && completion !== null) {
    const usage = withDetails(
      { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total ?? prompt + completion },
      ...details,
    );
    const counts = [value.prompt_tokens ?? 0, value.completion_tokens ?? 0, value.total_tokens ?? 0, cached, reasoning];
    return counts.every(isExactCount) ? usage : { ...usage, isPartial: true };
  }
  return {
    ...(prompt !== null && { prompt_tokens: prompt }),
    ...(completion !== null && { completion_tokens: completion }),
    isPartial: true,
  };
}

function withDetails(counts: Usage, cached_tokens: number, reasoning_tokens: number): Usage {
  return {
    ...counts,
    ...(cached_tokens > 0 && { prompt_tokens_details: { cached_tokens: Math.min(cached_tokens, counts.prompt_tokens) } }),
    ...(reasoning_tokens > 0 && { completion_tokens_details: { reasoning_tokens } }),
  };
}

/** Returns 0 for a missing detail. */
function detailOf(details: unknown, name: string): unknown {
  if (details === undefined || details === null) return 0;
  return isRecord(details) ? (details[name] ?? 0) : details;
}

/** Reads a count from a number or its text. Returns null when it is neither. */
function readCount(value: unknown): number | null {
  const number = typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || number < 0) return null;
  const count = Math.ceil(number);
  return isCount(count) ? count : null;
}

function isExactCount(value: unknown): boolean {
  const count = readCount(value);
  return count !== null && count === Number(value);
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= COUNT_MAX;
}

function atLeastZero(value: number): number | null {
  return value >= 0 ? value : null;
}

type CountField = 'prompt_tokens' | 'completion_tokens' | 'total_tokens';
const CHAT_FIELDS: readonly CountField[] = ['prompt_tokens', 'completion_tokens', 'total_tokens'];
export const EMBEDDING_FIELDS: readonly CountField[] = ['prompt_tokens', 'total_tokens'];

const PROMPT_DETAIL = ['prompt_tokens_details', 'cached_tokens'] as const;
const COMPLETION_DETAIL = ['completion_tokens_details', 'reasoning_tokens'] as const;

/** Returns the change of a detail that is not a number, e.g. a text. */
function detailsChange(
  raw: Record<string, unknown>,
  usage: ReportedUsage,
  [field, name]: typeof PROMPT_DETAIL | typeof COMPLETION_DETAIL,
): object {
  const details = raw[field];
  if (!isRecord(details) || typeof (details[name] ?? 0) === 'number') return {};
  const read: Readonly<Record<string, unknown>> = usage[field] ?? {};
  return { [field]: { ...details, [name]: read[name] ?? 0 } };
}

/**
 * Returns the change of a body whose usage is not in the format that clients expect, otherwise an empty object. Usage
 * that needs an estimate is removed, and the platform adds it.
 */
export function usageChange(
  raw: unknown,
  usage: ReportedUsage | null,
  fields: readonly CountField[] = CHAT_FIELDS,
): { usage?: object | undefined } {
  if (raw === undefined || raw === null) return {};
  if (!usage || usage.isPartial || !isRecord(raw)) return { usage: undefined };
  const details = { ...detailsChange(raw, usage, PROMPT_DETAIL), ...detailsChange(raw, usage, COMPLETION_DETAIL) };
  if (fields.every((field) => raw[field] === usage[field]) && Object.keys(details).length === 0) return {};
  return { usage: { ...raw, ...Object.fromEntries(fields.map((field) => [field, usage[field]])), ...details } };
}
