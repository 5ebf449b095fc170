import type { Model, ModelHealth, ModelList, UsageReport, UsageRow } from '@prodigon/contracts';
import type { Page } from 'playwright-core';

const HEALTH: ModelHealth = {
  state: 'unknown',
  breaker: 'closed',
  succeeded: 0,
  failed: 0,
  ttft_p50_ms: null,
  last_error: null,
  retry_after_s: null,
};
const FAILED = { code: 'INFERENCE_ERROR', message: 'The model provider failed to respond.', at: '2026-01-01T00:00:00Z' } as const;
const STATES: readonly ModelHealth[] = [
  HEALTH,
  { ...HEALTH, state: 'ok', succeeded: 9, ttft_p50_ms: 210 },
  { ...HEALTH, state: 'failing', failed: 1, last_error: FAILED },
  { ...HEALTH, state: 'limited', failed: 1, last_error: { ...FAILED, code: 'RATE_LIMITED' }, retry_after_s: 7 },
  { ...HEALTH, state: 'unavailable', breaker: 'open', failed: 5, last_error: FAILED, retry_after_s: 4 },
];

function createModel(health: ModelHealth): Model {
  const isKnown = health.state === 'ok';
  return {
    id: `vendor/model-that-is-${health.state}`,
    provider: 'vendor',
    offline: false,
    kind: 'chat',
    ...(isKnown && { description: 'One line about the model' }),
    aliases: isKnown ? ['other-name'] : [],
    context_tokens: isKnown ? 131_072 : null,
    output_tokens_max: isKnown ? 2_000 : null,
    price: isKnown ? { input: 0.15, output: 0.6 } : null,
    fallbacks: isKnown ? ['vendor/model-that-is-failing'] : [],
    retires_on: health.state === 'limited' ? '2999-01-01' : null,
    health,
  };
}

const MODELS: ModelList = {
  default_model: 'vendor/model-that-is-ok',
  models: STATES.map(createModel),
  retired: [{ id: 'vendor/gone', provider: 'vendor', on: '2020-01-01', use: 'vendor/model-that-is-ok' }],
  accepts_other_ids: true,
  problems: [{ provider: 'elsewhere', message: 'The model provider cannot be reached.' }],
};

/** Stubs a list of models in every state, and a provider that cannot list its models. */
export async function withModels(page: Page): Promise<void> {
  await page.route('**/api/v1/models', (route) => route.fulfill({ json: MODELS }));
}

type KeyOfUsage = Pick<UsageRow, 'owner_id' | 'key_id' | 'key_name'>;
const ONLY_KEY: KeyOfUsage = { owner_id: 'local', key_id: null, key_name: null };

/** Stubs a usage report for the requested days, with a row for each day, model and key. */
export async function withUsage(page: Page, models: number, keys: readonly KeyOfUsage[] = [ONLY_KEY]): Promise<void> {
  await page.route('**/api/v1/usage?*', (route) => {
    const query = new URL(route.request().url()).searchParams;
    return route.fulfill({ json: createReport(query.get('from') ?? '', query.get('to') ?? '', models, keys) });
  });
}

function createReport(from: string, to: string, models: number, keys: readonly KeyOfUsage[]): UsageReport {
  const rows: UsageRow[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10);
    for (let number = 1; number <= models; number += 1)
      for (const key of keys)
        rows.push({
          ...sums(number),
          ...key,
          day,
          provider: 'vendor',
          model: `vendor/model-${number}`,
          ttft_p50_ms: 200,
          ttft_p95_ms: 900,
        });
  }
  return { from, to, rows, totals: sums(rows.length) };
}

function sums(requests: number) {
  return {
    requests,
    failed: Math.floor(requests / 3),
    cancelled: Math.floor(requests / 4),
    estimated: Math.floor(requests / 2),
    unpriced: Math.floor(requests / 5),
    prompt_tokens: requests * 812,
    completion_tokens: requests * 301,
    cost_usd: requests * 0.000_31,
    attempts: requests + 1,
  };
}
