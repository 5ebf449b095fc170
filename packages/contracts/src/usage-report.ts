import { z } from 'zod';
import { storable } from './storable-text.ts';

export const USAGE_LIMITS = {
  daysMax: 366,
  daysDefault: 30,
  /** The longest period by hour. */
  hourlyDaysMax: 7,
  firstDay: '2000-01-01',
} as const;

const DAY_MS = 86_400_000;

const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const day = z.iso.date().refine((value) => value >= USAGE_LIMITS.firstDay, `Must not be before ${USAGE_LIMITS.firstDay}`);

/** Names only: PostgreSQL reads offsets such as `+09:00` with the opposite sign. */
const timeZone = z.string().max(64).refine(isTimeZone, 'Must be the name of a time zone, such as Europe/Berlin');

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** Returns the day in a time zone, such as `2026-03-01`. */
export function dayIn(timeZone: string, ms: number): string {
  // The Swedish locale formats dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short' }).format(ms);
}

/** A range of days, both inclusive, e.g. `{from: '2026-03-01', to: '2026-03-31', unit: 'day', time_zone: 'UTC'}`. */
export interface UsagePeriod {
  readonly from: string;
  readonly to: string;
  readonly unit: 'day' | 'hour';
  readonly time_zone: string;
}

/** What a usage report covers. */
export interface UsageSelection extends UsagePeriod {
  readonly by?: 'model' | 'key' | undefined;
  /** `*` for all owners; by default the caller. */
  readonly owner?: string | undefined;
  /** Id of an API key. */
  readonly key?: string | undefined;
  readonly model?: string | undefined;
}

/** Stands for all owners. No owner has this name. */
export const ALL_OWNERS = '*';

const filter = storable(z.string().min(1).max(256)).optional();

/** The query of GET `/api/v1/usage`. Defaults to the last 30 days up to `to`, and `to` to today. */
export const usageQuerySchema = z
  .strictObject({
    from: day.optional().describe('First day; by default 29 days before the last day, or the last day by hour'),
    to: day.optional().describe('Last day; today by default'),
    unit: z.enum(['day', 'hour']).optional().describe('Whether rows cover days or hours; `day` by default'),
    time_zone: timeZone.optional().describe('Time zone of days and hours, such as `Europe/Berlin`; `UTC` by default'),
    by: z.enum(['model', 'key']).optional().describe('With `key`, rows are for each API key as well'),
    owner: filter.describe('Only the usage of this owner; you by default. Admins may name any, or `*` for all'),
    key: filter.describe('Only the usage of the API key with this id'),
    model: filter.describe('Only the usage of this model'),
  })
  .transform(({ from, time_zone = 'UTC', to = dayIn(time_zone, Date.now()), unit = 'day', ...rest }, context): UsageSelection => {
    const last = Date.parse(to);
    const daysDefault = unit === 'hour' ? 1 : USAGE_LIMITS.daysDefault;
    const daysMax = unit === 'hour' ? USAGE_LIMITS.hourlyDaysMax : USAGE_LIMITS.daysMax;
    const first = from === undefined ? last - (daysDefault - 1) * DAY_MS : Date.parse(from);
    const reject = (message: string) => context.addIssue({ code: 'custom', path: ['from'], message });
    if (first > last) reject('Must not be after to');
    else if ((last - first) / DAY_MS >= daysMax) reject(`Must not cover more than ${daysMax} days by ${unit}`);
    return { from: isoDay(first), to, unit, time_zone, ...rest };
  });
export type UsageQuery = z.input<typeof usageQuerySchema>;

const sumsSchema = z.object({
  requests: z.int().describe('All requests, including failed and cancelled ones'),
  failed: z.int(),
  cancelled: z.int().describe('Requests whose client disconnected early; their tokens until then count'),
  estimated: z.int().describe('Requests whose usage was estimated because the provider did not report it'),
  unpriced: z.int().describe('Responses whose price is unknown; `cost_usd` excludes them'),
  // Not integers, because wrong counts of a provider may add up to more than a safe integer.
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  cost_usd: z.number(),
  attempts: z.int().describe('Provider calls for these requests'),
});
export type UsageSums = z.infer<typeof sumsSchema>;

/** The usage of one model by one owner, or by one API key, on one day, or in one hour. */
export const usageRowSchema = z
  .object({
    day: z.iso.date().describe('Day in the requested time zone'),
    hour: z.int().min(0).max(23).optional().describe('Hour of the day; only with `unit=hour`'),
    provider: z.string(),
    model: z.string(),
    owner_id: z.string(),
    key_id: z.string().nullable().optional().describe('Id of the API key, null without one; only with `by=key`'),
    key_name: z.string().nullable().optional().describe('Name of the API key, null if it is unknown; only with `by=key`'),
    ...sumsSchema.shape,
    ttft_p50_ms: z.number().nullable().describe('Median time to first token in milliseconds; null without streamed responses'),
    ttft_p95_ms: z
      .number()
      .nullable()
      .describe('95th percentile of the time to first token in milliseconds; null without streamed responses'),
  })
  .meta({ id: 'UsageRow' });
export type UsageRow = z.infer<typeof usageRowSchema>;

/** The response of GET `/api/v1/usage`, sorted by day, hour, owner if several are selected, provider, model and key. */
export const usageReportSchema = z
  .object({ from: z.iso.date(), to: z.iso.date(), rows: z.array(usageRowSchema), totals: sumsSchema })
  .meta({ id: 'UsageReport' });
export type UsageReport = z.infer<typeof usageReportSchema>;
