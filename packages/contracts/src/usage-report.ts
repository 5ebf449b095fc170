import { z } from 'zod';

export const USAGE_LIMITS = {
  daysMax: 366,
  daysDefault: 30,
  firstDay: '2000-01-01',
} as const;

const DAY_MS = 86_400_000;

const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const day = z.iso.date().refine((value) => value >= USAGE_LIMITS.firstDay, `Must not lie before ${USAGE_LIMITS.firstDay}`);

/** Days in UTC, both included, e.g. `{from: '2026-03-01', to: '2026-03-31'}`. */
export interface UsagePeriod {
  readonly from: string;
  readonly to: string;
}

/** The query of GET `/api/v1/usage`. What comes out has both ends: the last 30 days up to `to`, which is today without it. */
export const usageQuerySchema = z
  .object({
    from: day.optional().describe('First day, in UTC; 30 days up to the last one without it'),
    to: day.optional().describe('Last day, in UTC; today without it'),
  })
  .transform(({ from, to = isoDay(Date.now()) }, context): UsagePeriod => {
    const last = Date.parse(to);
    const first = from === undefined ? last - (USAGE_LIMITS.daysDefault - 1) * DAY_MS : Date.parse(from);
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['from'], message });
    if (first > last) refuse('Must not lie after `to`');
    else if ((last - first) / DAY_MS >= USAGE_LIMITS.daysMax) refuse(`At most ${USAGE_LIMITS.daysMax} days at once`);
    return { from: isoDay(first), to };
  });
export type UsageQuery = z.input<typeof usageQuerySchema>;

const sumsSchema = z.object({
  requests: z.int().describe('All of them, those that failed or were cancelled included'),
  failed: z.int(),
  cancelled: z.int().describe('The caller left before the end; what was made until then is counted'),
  estimated: z.int().describe('Requests whose tokens were counted by length, since the provider had not told them'),
  unpriced: z.int().describe('Answers whose price is not known; `cost_usd` is without them'),
  // No `int`: what a provider miscounts may add up to more than those hold.
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  cost_usd: z.number(),
  attempts: z.int().describe('Calls of providers that all this took'),
});
export type UsageSums = z.infer<typeof sumsSchema>;

/** What one owner has used of one model on one day. */
export const usageRowSchema = z.object({
  day: z.iso.date().describe('In UTC'),
  provider: z.string(),
  model: z.string(),
  owner_id: z.string(),
  ...sumsSchema.shape,
  ttft_p50_ms: z.number().nullable().describe('Milliseconds to the first token, the middle; null when nothing was streamed'),
  ttft_p95_ms: z.number().nullable().describe('As ttft_p50_ms, the slow end'),
});
export type UsageRow = z.infer<typeof usageRowSchema>;

/** The answer of GET `/api/v1/usage`: by day, then provider and model. */
export const usageReportSchema = z
  .object({ from: z.iso.date(), to: z.iso.date(), rows: z.array(usageRowSchema), totals: sumsSchema })
  .meta({ id: 'UsageReport' });
export type UsageReport = z.infer<typeof usageReportSchema>;
