import type { Model, ModelHealth, Price, RetiredModel } from '@prodigon/contracts';
import { formatCount, formatDuration, formatMilliseconds } from '../../design/format.ts';

/** `$0.15 in / $0.60 out per M tokens`. */
export function priceWords({ price, offline }: Pick<Model, 'price' | 'offline'>): string {
  if (offline) return 'free, runs here';
  if (price === null) return 'price not known';
  return isFree(price) ? 'free' : `${dollars(price.input)} in / ${dollars(price.output)} out per M tokens`;
}

function isFree({ input, output }: Price): boolean {
  return input === 0 && output === 0;
}

/** A price is never rounded: a thousandth of a dollar counts when it is for a million tokens. */
function dollars(amount: number): string {
  return `$${amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 6 })}`;
}

/** `131,072 tokens of context`; nothing when it is not known. */
export function contextWords({ context_tokens }: Pick<Model, 'context_tokens'>): string | null {
  return context_tokens === null ? null : `${formatCount(context_tokens)} tokens of context`;
}

const STATE_WORDS: Record<ModelHealth['state'], string> = {
  ok: 'Answering',
  failing: 'Failing',
  limited: 'At its rate limit',
  unavailable: 'Unavailable',
  unknown: 'Not called lately',
};

export function stateWords({ state, breaker }: ModelHealth): string {
  return breaker === 'half_open' && state === 'failing' ? 'Being tried again' : STATE_WORDS[state];
}

/** What there is to say beyond the state. `now` in milliseconds since the epoch. */
export function healthDetail({ state, ttft_p50_ms, last_error, retry_after_s }: ModelHealth, now: number): string | null {
  if (state === 'ok') return ttft_p50_ms === null ? null : `first token typically in ${formatMilliseconds(ttft_p50_ms)}`;
  const parts: string[] = [];
  if (last_error && state !== 'unknown') {
    const age = Math.max(0, now - Date.parse(last_error.at)) / 1_000;
    parts.push(`${last_error.message} (${formatDuration(age)} ago)`);
  }
  if (retry_after_s !== null) parts.push(`Will be called again in ${formatCount(Math.ceil(retry_after_s))} s.`);
  return parts.join(' ') || null;
}

/** When a model ends, and who answers then. */
export function retirementWords(
  { id, retires_on }: Pick<Model, 'id' | 'retires_on'>,
  retired: readonly RetiredModel[],
): string | null {
  if (retires_on === null) return null;
  const use = retired.find((each) => each.id === id)?.use;
  return `Retires on ${retires_on}${use ? `; then ${use} answers` : ''}`;
}
