import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from './chat.test-support.ts';
import { type FaultHarness, generate, startFaultHarness } from './fault-harness.test-support.ts';
import { eventually } from './harness.test-support.ts';
import { withUsage } from './stubbed-responses.test-support.ts';

let harness: FaultHarness;
beforeAll(async () => {
  harness = await startFaultHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

describe('the usage page', () => {
  it('shows an empty state, then new requests without a reload', async () => {
    const page = await harness.open('/usage');
    await page.getByText('No requests in this period').waitFor();
    for (const model of ['healthy', 'healthy', 'status_401', 'down_then_up']) await generate(harness, model);

    const healthy = page.locator('tr[data-model="healthy"]');
    await eventually(async () => (await healthy.count()) > 0 && textOf(healthy.getByRole('cell').first())).toBe('2');
    await page.locator('tr[data-model="down_then_up"]').getByText('1 unpriced').waitFor();
    const tile = (label: string) => page.locator('dl > div').filter({ hasText: label }).first();
    expect(await textOf(tile('Requests'))).toContain('4');
    expect(await textOf(tile('Failed'))).toContain('1');
    expect(await textOf(tile('Cost'))).toContain('excludes 1 request with unknown price');
    expect(await page.getByRole('img').getAttribute('aria-label')).toMatch(
      /Requests by hour and model over 24 hours\. .*healthy 2/,
    );
  });

  it('restricts the totals and the chart to one model', async () => {
    const page = await harness.open('/usage?days=7');
    await withUsage(page, 2);
    await page.reload();
    await page.getByRole('combobox', { name: 'Model' }).selectOption('vendor/model-2');
    await page.getByRole('img', { name: /over 7 days\. vendor\/model-2 14\.$/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('model')).toBe('vendor/model-2');
  });

  it('keeps the range and the measure in the URL', async () => {
    const page = await harness.open('/usage?days=7&measure=cost');
    await withUsage(page, 2);
    await page.reload();
    await page.getByRole('radio', { name: 'Cost' }).and(page.locator(':checked')).waitFor();
    await page.getByText('Tokens', { exact: true }).click();
    await page.getByText('90 days').click();
    await page.getByRole('img', { name: /Tokens by day and model over 90 days/ }).waitFor();
    expect(new URL(page.url()).search).toBe('?days=90&measure=tokens');
  });

  it('shows the values of a day by pointer and by arrow keys', async () => {
    const page = await harness.open('/usage?days=7');
    await withUsage(page, 2);
    await page.reload();
    const day = page.getByRole('slider', { name: 'Day' });
    await day.focus();
    expect(await day.inputValue()).toBe('6');
    await page.keyboard.press('Home');
    expect(await day.getAttribute('aria-valuetext')).toMatch(/^\w+ \d+: 3 requests$/);
    await page.keyboard.press('ArrowRight');
    expect(await day.inputValue()).toBe('1');

    const chart = page.getByRole('img');
    const width = (await chart.boundingBox())?.width ?? 0;
    await chart.hover({ position: { x: width * 0.5, y: 20 } });
    await eventually(() => day.inputValue()).toBe('3');
  });

  it('shows the chart as a table', async () => {
    const page = await harness.open('/usage?days=7');
    await withUsage(page, 7);
    await page.reload();
    await page.getByRole('button', { name: 'Show table' }).click();
    const table = page.getByRole('table', { name: /Requests by day and model/ });
    expect(await table.getByRole('columnheader').allTextContents()).toEqual([
      'Day',
      'vendor/model-7',
      'vendor/model-6',
      'vendor/model-5',
      'vendor/model-4',
      'vendor/model-3',
      '2 others',
      'Total',
    ]);
    expect(await table.getByRole('row').count()).toBe(8);
  });

  it('explains why usage is not available', async () => {
    const page = await harness.open('/chat');
    const message = 'Usage is not recorded: the model service has no DATABASE_URL.';
    await page.route('**/api/v1/usage?*', (route) =>
      route.fulfill({ status: 503, json: { error: { code: 'SERVICE_UNAVAILABLE', message, request_id: 'r' } } }),
    );
    await page.getByRole('link', { name: 'Usage' }).first().click();
    await page.getByText('Could not load usage').waitFor();
    await page.getByText(message).waitFor();
  });
});
