import { type UsageReport, usageReportSchema } from '@prodigon/contracts';
import { type Operation, SERVICE_ERRORS } from '@prodigon/platform';
import { z } from 'zod';
import { toCsv } from './usage-csv.ts';

const sums = {
  requests: 12,
  failed: 1,
  cancelled: 2,
  estimated: 3,
  unpriced: 0,
  prompt_tokens: 940,
  completion_tokens: 5210,
  cost_usd: 0.0041,
  attempts: 14,
};
const report: UsageReport = {
  from: '2026-03-01',
  to: '2026-03-31',
  rows: [
    {
      day: '2026-03-10',
      provider: 'groq',
      model: 'openai/gpt-oss-120b',
      owner_id: 'local',
      ...sums,
      ttft_p50_ms: 182.4,
      ttft_p95_ms: 410.9,
    },
  ],
  totals: sums,
};

export const getUsage = {
  operationId: 'getUsage',
  tag: 'usage',
  summary: 'Report your usage and its cost',
  description:
    'Groups requests by day or hour, provider and model, and by API key with `by=key`. A request appears about one second after it ends. Members see only the usage of their owner.',
  responses: {
    200: { description: 'The usage', content: { 'application/json': { schema: usageReportSchema, examples: { report } } } },
  },
  errors: SERVICE_ERRORS,
} satisfies Operation;

export const getUsageAsCsv = {
  operationId: 'getUsageAsCsv',
  tag: 'usage',
  summary: 'Export your usage as CSV',
  description:
    'Returns the rows of the report below a line of column names. An apostrophe precedes texts that a spreadsheet would run as a formula.',
  responses: {
    200: { description: 'The usage', content: { 'text/csv': { schema: z.string(), examples: { report: toCsv(report) } } } },
  },
  errors: SERVICE_ERRORS,
} satisfies Operation;
