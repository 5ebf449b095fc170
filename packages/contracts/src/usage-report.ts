import { z } from 'zod';

export const USAGE_LIMITS = {
  daysMax: 366,
  daysDefault: 30,
  firstDay: '2000-01-01',
} as const;

const DAY_MS = 86_400_000;

const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const day = z.iso.date().refine((value) => value >= USAGE_LIMITS.firstDay, `Must not be before ${USAGE_LIMITS.firstDay}`);

/** A range of days in UTC, both inclusive, e.g. `{from: '2026-03-01', to: '2026-03-31'}`. */
export interface UsagePeriod {
  readonly from: string;
  readonly to: string;
}

/** The query of GET `/api/v1/usage`. Defaults to the last 30 days up to `to`, and `to` to today. */
export const usageQuerySchema = z
  .strictObject({
    from: day.optional().describe('First day in UTC; 29 days before the last day by default'),
    to: day.optional().describe('Last day in UTC; today by default'),
  })
  .transform(({ from, to = isoDay(Date.now()) }, context): UsagePeriod => {
    const last = Date.parse(to);
    const first = from === undefined ? last - (USAGE_LIMITS.daysDefault - 1) * DAY_MS : Date.parse(from);
    const reject = (message: string) => context.addIssue({ code: 'custom', path: ['from'], message });
    if (first > last) reject('Must not be after `to`');
    else if ((last - first) / DAY_MS >= USAGE_LIMITS.daysMax) reject(`Must not cover more than ${USAGE_LIMITS.daysMax} days`);
    return { from: isoDay(first), to };
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

/** The usage of one model by one owner on one day. */
export const usageRowSchema = z
  .object({
    day: z.iso.date().describe('Day in UTC'),
    provider: z.string(),
    model: z.string(),
    owner_id: z.string(),
    ...sumsSchema.shape,
    ttft_p50_ms: z.number().nullable().describe('Median time to first token in milliseconds; null without streamed responses'),
    ttft_p95_ms: z
      .number()
      .nullable()
      .describe('95th percentile of the time to first token in milliseconds; null without streamed responses'),
  })
  .meta({ id: 'UsageRow' });
export type UsageRow = z.infer<typeof usageRowSchema>;

/** The response of GET `/api/v1/usage`, sorted by day, provider and model. */
export const usageReportSchema = z
  .object({ from: z.iso.date(), to: z.iso.date(), rows: z.array(usageRowSchema), totals: sumsSchema })
  .meta({ id: 'UsageReport' });
export type UsageReport = z.infer<typeof usageReportSchema>;
