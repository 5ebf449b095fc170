import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FaultProvider, startFaultProvider } from '@prodigon/testing';
import { type Harness, startHarness } from './harness.test-support.ts';

export interface FaultHarness extends Harness {
  readonly provider: FaultProvider;
}

/** Long enough for the web UI, which polls every two seconds. */
export const BREAKER_OPEN_MS = 5_000;

/** The content of models.yaml. JSON is valid YAML. */
const MODELS_FILE = JSON.stringify({
  policy: { first_delay_ms: 10, breaker: { failures_max: 5, open_ms: BREAKER_OPEN_MS } },
  providers: {
    'openai-compatible': {
      base_url_variable: 'OPENAI_BASE_URL',
      key_variable: 'OPENAI_API_KEY',
      accepts_other_ids: true,
      default_model: 'healthy',
      models: {
        healthy: {
          description: 'Responds normally',
          price: { input: 0.15, output: 0.6 },
          context_tokens: 131_072,
          output_tokens_max: 2_000,
          aliases: ['well'],
        },
        flaky_1: { price: { input: 1, output: 2 } },
        status_503: { fallbacks: ['healthy'] },
        status_400: { description: 'Retires soon' },
        status_429: null,
        status_500: null,
        down_then_up: null,
      },
      retired: {
        ancient: { on: '2020-01-01', use: 'healthy' },
        status_400: { on: '2999-01-01', use: 'healthy' },
      },
    },
  },
});

/** Starts the platform with the fault provider, whose model names select faults. */
export async function startFaultHarness(): Promise<FaultHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-models-'));
  const path = join(folder, 'models.yaml');
  writeFileSync(path, MODELS_FILE);
  const provider = await startFaultProvider();
  const harness = await startHarness({
    USE_MOCK: 'false',
    MODELS_FILE: path,
    OPENAI_BASE_URL: provider.baseUrl,
    OPENAI_API_KEY: 'key-of-the-platform',
  });
  return {
    ...harness,
    provider,
    async close() {
      await Promise.all([harness.close(), provider.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Calls the API directly and returns the HTTP status. */
export async function generate({ platform }: Harness, model: string, prompt = 'Hi'): Promise<number> {
  const response = await fetch(`${platform.url}/api/v1/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, prompt }),
  });
  await response.text();
  return response.status;
}
