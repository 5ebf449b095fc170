import { baseModelId, type Model, type ModelHealth, type ModelList, type Price, type RetiredModel } from '@prodigon/contracts';
import { formatCount, formatDuration, formatMilliseconds } from '../../design/format.ts';

/** The label of an option that requests do not set. */
export const MODEL_DEFAULT = 'Model default';

/** Looks up a model string, which may be an alias and carry parameters; null stands for the default model. */
export function findModel(list: ModelList | null, modelString: string | null): Model | undefined {
  const id = modelString === null ? list?.default_model : baseModelId(modelString);
  if (!id) return undefined;
  return list?.models.find((model) => model.id === id) ?? list?.models.find(({ aliases }) => aliases.includes(id));
}

/** `$0.15 in / $0.60 out per M tokens`. */
export function priceLabel({ price, offline }: Pick<Model, 'price' | 'offline'>): string {
  if (offline) return 'free (offline)';
  if (price === null) return 'price unknown';
  return isFree(price) ? 'free' : `${dollars(price.input)} in / ${dollars(price.output)} out per M tokens`;
}

function isFree({ input, output }: Price): boolean {
  return input === 0 && output === 0;
}

/** Keeps fractions of a cent, which matter per million tokens. */
function dollars(amount: number): string {
  return `$${amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 6 })}`;
}

/** `131,072-token context`; null if it is unknown. */
export function contextLabel({ context_tokens }: Pick<Model, 'context_tokens'>): string | null {
  return context_tokens === null ? null : `${formatCount(context_tokens)}-token context`;
}

/** `131k`, `1M`; null if the context is unknown. */
export function shortContextLabel({ context_tokens }: Pick<Model, 'context_tokens'>): string | null {
  return context_tokens === null ? null : COMPACT.format(context_tokens).toLowerCase().replace('m', 'M');
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `$0.15 / $0.60`, for input and output. */
export function shortPriceLabel({ price, offline }: Pick<Model, 'price' | 'offline'>): string | null {
  if (offline || (price && isFree(price))) return 'free';
  return price && `${dollars(price.input)} / ${dollars(price.output)}`;
}

const HEALTH_LABELS: Record<ModelHealth['state'], string> = {
  ok: 'Available',
  failing: 'Failing',
  limited: 'Rate limited',
  unavailable: 'Unavailable',
  unknown: 'Not called recently',
};

export function healthLabel({ state, breaker }: ModelHealth): string {
  return breaker === 'half_open' && state === 'failing' ? 'Retrying' : HEALTH_LABELS[state];
}

/** Details beyond the health label; null if there are none. `now` in milliseconds since the epoch. */
export function healthDetail({ state, ttft_p50_ms, last_error, retry_after_s }: ModelHealth, now: number): string | null {
  if (state === 'ok') return ttft_p50_ms === null ? null : `first token after ${formatMilliseconds(ttft_p50_ms)} (median)`;
  const parts: string[] = [];
  if (last_error && state !== 'unknown') {
    const ageSeconds = Math.max(0, now - Date.parse(last_error.at)) / 1_000;
    parts.push(`${last_error.message} (${formatDuration(ageSeconds)} ago)`);
  }
  if (retry_after_s !== null) parts.push(`Retry in ${formatCount(Math.ceil(retry_after_s))} s.`);
  return parts.join(' ') || null;
}

/** When a model retires and which model replaces it; null if it does not retire. */
export function retirementLabel(
  { id, retires_on }: Pick<Model, 'id' | 'retires_on'>,
  retired: readonly RetiredModel[],
): string | null {
  if (retires_on === null) return null;
  const replacement = retired.find((each) => each.id === id)?.use;
  return `Retires on ${retires_on}${replacement ? `, replaced by ${replacement}` : ''}`;
}
