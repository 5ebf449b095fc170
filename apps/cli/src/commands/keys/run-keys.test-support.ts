import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiKey, CreatedApiKey } from '@prodigon/contracts';
import { onTestFinished } from 'vitest';
import {
  type FakeResponse,
  jsonResponse,
  startFakeGateway,
} from '../../../../../packages/api-client/src/fake-gateway.test-support.ts';
import { type CommandResult, type RunOptions, runInProcess } from '../../run-prodigon.test-support.ts';

export { errorResponse, jsonResponse } from '../../../../../packages/api-client/src/fake-gateway.test-support.ts';

export const KEY_ID = '0199a8f0-0000-7000-8000-000000000001';
export const OTHER_ID = '0199a8f0-0000-7000-8000-000000000002';

export const createKeyFixture = (values: Partial<ApiKey> = {}): ApiKey => ({
  id: KEY_ID,
  name: 'batch',
  owner: 'ada',
  role: 'member',
  parent_id: null,
  created_at: '2026-01-01T00:00:00.000Z',
  last_used_at: null,
  expires_at: null,
  revoked_at: null,
  previous_expires_at: null,
  limits: { requests_per_min: null, tokens_per_min: null, streams: null },
  budget: { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null },
  models: null,
  spending: {
    day: { tokens: 0, usd: 0, resets_at: '2026-01-02T00:00:00.000Z' },
    month: { tokens: 0, usd: 0, resets_at: '2026-02-01T00:00:00.000Z' },
  },
  ...values,
});

export const VALUE = 'prodigon_a-value-that-only-tests-use';
export const createCreatedKeyFixture = (values: Partial<ApiKey> = {}): CreatedApiKey => ({
  ...createKeyFixture(values),
  key: VALUE,
});

export const asCaller = (requires_key: boolean): FakeResponse =>
  jsonResponse({ owner: 'local', role: 'admin', key: null, requires_key });
export const asKeys = (...keys: Partial<ApiKey>[]): FakeResponse => jsonResponse({ keys: keys.map(createKeyFixture) });

/** Runs `prodigon keys …` in this process against a gateway with these responses. */
export async function startKeysGateway(...responses: FakeResponse[]) {
  const { baseUrl, requests } = await startFakeGateway(...responses);
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const run = (args: string[], env: NodeJS.ProcessEnv = {}, options: RunOptions = {}): Promise<CommandResult> =>
    runInProcess(['keys', ...args, '--url', baseUrl], { DATA_DIR: folder, ...env }, { ...options, rootDirectory: folder }).ended;
  return { run, requests, lines: () => requests.map(({ line }) => line), baseUrl, folder };
}
