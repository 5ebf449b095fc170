import { text } from 'node:stream/consumers';
import type { UsageReport } from '@prodigon/contracts';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from './chat.test-support.ts';
import { ANONYMOUS, fakeKey, withKeys } from './fake-keys.test-support.ts';
import { eventually, type Harness, sharedHarness } from './harness.test-support.ts';
import { withUsage } from './stubbed-responses.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

const KEYS = [
  { owner_id: 'local', key_id: 'id-1', key_name: 'ci' },
  { owner_id: 'local', key_id: 'id-2', key_name: 'laptop' },
  { owner_id: 'local', key_id: null, key_name: null },
];

const EMPTY_REPORT: UsageReport = {
  ...{ from: '2026-03-01', to: '2026-03-07', rows: [] },
  totals: {
    ...{ requests: 0, failed: 0, cancelled: 0, estimated: 0, unpriced: 0 },
    ...{ prompt_tokens: 0, completion_tokens: 0, cost_usd: 0, attempts: 0 },
  },
};

async function openUsage(path: string): Promise<Page> {
  const page = await harness.open('/nowhere');
  await withKeys(page, [fakeKey({ owner: 'ada' }), fakeKey({ name: 'laptop', owner: 'grace' })], ANONYMOUS);
  await withUsage(page, 2, KEYS);
  await page.goto(`${harness.platform.url}${path}`);
  return page;
}

const namesIn = (page: Page, table: string) => page.getByRole('region', { name: table }).locator('tbody th').allTextContents();

describe('the usage by key', () => {
  it('shows each key, and restricts the page to one', async () => {
    const page = await openUsage('/usage?days=7');
    await page.getByRole('heading', { name: 'By key' }).waitFor();
    expect((await namesIn(page, 'Usage by key')).map((name) => name.trim())).toEqual(['ci', 'laptop', 'No key']);
    const requests = page.locator('dl > div').filter({ hasText: 'Requests' }).first();
    await page.getByRole('combobox', { name: 'Key' }).selectOption('laptop');
    await page.getByRole('img', { name: /over 7 days\. vendor\/model-2 14, vendor\/model-1 7\.$/ }).waitFor();
    expect(await textOf(requests)).toContain('21');
    expect(new URL(page.url()).searchParams.get('key')).toBe('id-2');
    expect(await namesIn(page, 'Usage by key')).toHaveLength(3);
    await page.getByRole('combobox', { name: 'Model' }).selectOption('vendor/model-1');
    await eventually(() => textOf(requests)).toContain('7');
    const laptop = page.locator('tr[data-key="laptop"]');
    await eventually(() => textOf(laptop.getByRole('cell').first())).toBe('7');
  });

  it('draws a series for each key', async () => {
    const page = await openUsage('/usage?days=7&by=key');
    await page.getByRole('img', { name: /Requests by day and key over 7 days\. ci 21, laptop 21, No key 21\.$/ }).waitFor();
    await page.getByRole('button', { name: 'Show table' }).click();
    const table = page.getByRole('table', { name: /Requests by day and key/ });
    expect(await table.getByRole('columnheader').allTextContents()).toEqual(['Day', 'ci', 'laptop', 'No key', 'Total']);
  });

  it('requests the usage of another owner, or of all with their names, for admins', async () => {
    const page = await openUsage('/usage?days=7&key=id-1');
    const owner = page.getByRole('combobox', { name: 'Owner' });
    await owner.waitFor();
    expect(await owner.getByRole('option').allTextContents()).toEqual(['local (you)', 'All owners', 'ada', 'grace']);
    const [request] = await Promise.all([page.waitForRequest(/\/api\/v1\/usage\?.*owner=/), owner.selectOption('All owners')]);
    expect(Object.fromEntries(new URL(request.url()).searchParams)).toMatchObject({ owner: '*', by: 'key' });
    // The key belongs to the previous owner.
    expect(new URL(page.url()).search).toBe('?days=7&owner=*');
    await page.locator('tr[data-key="ci"]').getByText('local').waitFor();
  });

  it('offers all owners to an admin without requests', async () => {
    const page = await harness.open('/nowhere');
    await withKeys(page, [fakeKey({ owner: 'ada' })], ANONYMOUS);
    await page.route('**/api/v1/usage?*', (route) => route.fulfill({ json: EMPTY_REPORT }));
    await page.goto(`${harness.platform.url}/usage?days=7`);
    await page.getByText('No requests in this period').waitFor();
    const button = page.getByRole('button', { name: 'Show all owners' });
    const [request] = await Promise.all([page.waitForRequest(/\/api\/v1\/usage\?.*owner=/), button.click()]);
    expect(new URL(request.url()).searchParams.get('owner')).toBe('*');
    await button.waitFor({ state: 'detached' });
  });

  it('offers neither owners nor keys to a member with one key', async () => {
    const own = fakeKey();
    const page = await harness.open('/nowhere');
    await withKeys(page, [own], { owner: 'ada', role: 'member', key: own, requires_key: true });
    await withUsage(page, 2, KEYS.slice(0, 1));
    await page.goto(`${harness.platform.url}/usage?days=7&by=key`);
    await page.getByRole('img', { name: /Requests by day and model/ }).waitFor();
    expect(await page.getByRole('combobox').count()).toBe(1);
    expect(await page.getByRole('heading', { name: 'By key' }).count()).toBe(0);
  });

  it('exports what the filters select as CSV, and explains a failure', async () => {
    const page = await openUsage('/usage?days=7&key=id-2&model=vendor/model-1');
    const queries: Record<string, string>[] = [];
    await page.route('**/api/v1/usage.csv?*', (route) => {
      queries.push(Object.fromEntries(new URL(route.request().url()).searchParams));
      if (queries.length > 1) {
        const error = { code: 'SERVICE_UNAVAILABLE', message: 'The database is not reachable.', request_id: 'r' };
        return route.fulfill({ status: 503, json: { error } });
      }
      return route.fulfill({ headers: { 'content-type': 'text/csv; charset=utf-8' }, body: 'day,model\n2026-03-01,größe\n' });
    });
    const button = page.getByRole('button', { name: 'CSV' });
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    expect(download.suggestedFilename()).toMatch(/^usage-\d{4}-\d\d-\d\d-to-\d{4}-\d\d-\d\d\.csv$/);
    expect(await text((await download.createReadStream()) ?? [])).toBe('day,model\n2026-03-01,größe\n');
    expect(queries[0]).toMatchObject({ by: 'key', key: 'id-2', model: 'vendor/model-1', unit: 'day' });
    await button.click();
    await page.getByRole('alert').getByText('Not exported: The database is not reachable.').waitFor();
  });
});
