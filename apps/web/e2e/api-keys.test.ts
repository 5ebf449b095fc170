import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ANONYMOUS, fakeKey, KEYS, withKeys } from './fake-keys.test-support.ts';
import { eventually, type Harness, sharedHarness } from './harness.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

const rowOf = (page: Page, name: string) => page.locator(`tr[data-key="${name}"]`);
const focusedLabel = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
const openKeys = (page: Page) => page.goto(`${harness.platform.url}/settings/keys`);

describe('the API keys in the settings', () => {
  it('shows the owner, limits, spending and state of each key, and invalid keys on request', async () => {
    const page = await harness.open('/nowhere');
    await withKeys(page);
    await openKeys(page);
    const batch = rowOf(page, 'nightly batch of the evaluation team');
    for (const text of [
      'ada · member',
      'Used 3 h ago',
      'Expires in 8 d',
      '60 requests per minute',
      '200K tokens per minute',
      '4 concurrent streams',
      'Only vendor/model-that-is-ok, fast, vendor/another-model and 1 more',
      '$0.42 of $0.50',
      '12.3K tokens of 12K tokens',
      '$3.10 of $10.00',
    ])
      await batch.getByText(text, { exact: true }).filter({ visible: true }).waitFor();
    await batch.getByText('Used up until').filter({ visible: true }).waitFor();
    await rowOf(page, 'ops').getByText('Set in API_KEYS, fixed').waitFor();
    expect(await rowOf(page, 'ops').getByRole('button').count()).toBe(0);
    await page.getByText('This platform allows calls without a key').waitFor();
    expect(await page.locator('tr[data-key]').count()).toBe(4);

    await page.getByLabel('Show invalid keys').check();
    expect(await page.locator('tr[data-key]').count()).toBe(KEYS.length);
    const states = await page.locator('tr[data-key]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-state')));
    expect(states).toEqual(['active', 'active', 'expired', 'suspended', 'revoked', 'revoked', 'active']);
    expect(await rowOf(page, 'long gone').getByRole('button').count()).toBe(0);
  });

  it('creates a key by keyboard, shows its value once, and returns the focus', async () => {
    const page = await harness.open('/nowhere');
    const fake = await withKeys(page, []);
    await openKeys(page);
    await page.getByText('No API keys yet').waitFor();
    await page.getByRole('button', { name: 'Create key' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('evaluation');
    await dialog.getByLabel('Owner').fill('grace');
    await dialog.getByLabel('Role').selectOption('admin');
    await dialog.getByLabel('Expires').fill('2999-01-02T03:04');
    await dialog.getByLabel('Requests per minute').fill('60');
    await dialog.getByLabel('USD per month').fill('12.5');
    await dialog.getByLabel('Only selected models').check();
    await dialog.getByLabel('prodigon-tutor', { exact: true }).check();
    await dialog.getByLabel('Other model or alias').fill('fast');
    await dialog.getByLabel('Other model or alias').press('Enter');
    await dialog.getByLabel('Name').press('Enter');

    await dialog.getByText('prodigon_value-of-this-key', { exact: true }).waitFor();
    expect(fake.bodies).toEqual([
      {
        name: 'evaluation',
        owner: 'grace',
        role: 'admin',
        expires_at: await page.evaluate(() => new Date('2999-01-02T03:04').toISOString()),
        limits: { requests_per_min: 60, tokens_per_min: null, streams: null },
        budget: { usd_per_day: null, usd_per_month: 12.5, tokens_per_day: null, tokens_per_month: null },
        models: ['prodigon-tutor', 'fast'],
      },
    ]);
    for (const [client, text] of [
      ['TypeScript', 'new OpenAI({ baseURL: '],
      ['Python', 'OpenAI(base_url='],
    ] as const) {
      await dialog.getByText(client, { exact: true }).click();
      await dialog.getByText(`${text}"${harness.platform.url}/v1"`).waitFor();
    }
    await dialog.getByRole('button', { name: 'Done' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Create key');
    await rowOf(page, 'evaluation').getByText('grace · admin').waitFor();
    expect(await page.content()).not.toContain('prodigon_value');
  });

  it('marks invalid fields, from its own checks and from the platform', async () => {
    const page = await harness.open('/nowhere');
    const fake = await withKeys(page, []);
    await openKeys(page);
    await page.getByRole('button', { name: 'Create key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('-odd');
    await dialog.getByLabel('Expires').fill('2001-01-02T03:04');
    await dialog.getByLabel('Tokens per day').fill('0');
    await dialog.getByLabel('Only selected models').check();
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await dialog.getByText('start with a letter or digit').waitFor();
    await dialog.getByText('Must be in the future').waitFor();
    await dialog.getByText('At least 1').waitFor();
    await dialog.getByText('Select at least one model').waitFor();
    await eventually(() => page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('-odd');
    expect(fake.bodies).toEqual([]);

    await dialog.getByLabel('Name').fill('fine');
    await dialog.getByLabel('Expires').fill('');
    await dialog.getByLabel('Tokens per day').fill('');
    await dialog.getByLabel('All models').check();
    const details = [{ path: 'limits.streams', message: 'Must not exceed the limit of your key' }];
    fake.failure = { status: 422, code: 'VALIDATION_ERROR', message: 'Invalid.', details };
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await dialog.getByText('Must not exceed the limit of your key').waitFor();
    expect(await dialog.getByLabel('Concurrent streams').getAttribute('aria-invalid')).toBe('true');

    fake.failure = { status: 503, code: 'SERVICE_UNAVAILABLE', message: 'The database is not reachable.' };
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await dialog.getByText('Not saved: The database is not reachable.').waitFor();
  });

  it('sends only the changed fields of an edited key', async () => {
    const page = await harness.open('/nowhere');
    const fake = await withKeys(page, [fakeKey({ limits: { requests_per_min: 60, tokens_per_min: null, streams: 2 } })]);
    await openKeys(page);
    await page.getByRole('button', { name: 'Edit ci' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit ci' });
    await dialog.getByLabel('Requests per minute').fill('');
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(fake.bodies).toEqual([{ limits: { requests_per_min: null } }]);
    await eventually(() => focusedLabel(page)).toBe('Edit ci');
    await rowOf(page, 'ci').getByText('2 concurrent streams').filter({ visible: true }).waitFor();
    expect(await rowOf(page, 'ci').getByText('60 requests per minute').count()).toBe(0);
  });

  it('rotates a key and says until when the previous value is valid', async () => {
    const page = await harness.open('/nowhere');
    const fake = await withKeys(page, [fakeKey()]);
    await openKeys(page);
    await page.getByRole('button', { name: 'Rotate ci' }).click();
    await page.getByRole('dialog').getByLabel('Previous value remains valid for').selectOption('1 day');
    await page.getByRole('button', { name: 'Rotate key' }).click();
    const dialog = page.getByRole('dialog', { name: 'Key of ci' });
    await dialog.getByText('The previous value remains valid until').waitFor();
    await dialog.getByText('prodigon_rotated-value', { exact: true }).waitFor();
    expect(fake.bodies).toEqual([{ overlap_seconds: 86_400 }]);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await eventually(() => focusedLabel(page)).toBe('Rotate ci');
    await rowOf(page, 'ci').getByText('Previous value valid until').filter({ visible: true }).waitFor();
  });

  it('revokes a key, restores it from the toast, and explains a failure', async () => {
    const page = await harness.open('/nowhere');
    const fake = await withKeys(page, [fakeKey()]);
    await openKeys(page);
    await page.getByRole('button', { name: 'Revoke ci' }).press('Enter');
    await page.getByRole('status').getByText('ci was revoked.').waitFor();
    await eventually(() => focusedLabel(page)).toBe('Restore ci');
    expect(await rowOf(page, 'ci').getAttribute('data-state')).toBe('revoked');
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await page.getByText('ci was restored.').waitFor();
    expect(await rowOf(page, 'ci').getAttribute('data-state')).toBe('active');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-key'))).toBe('ci');
    await page.getByRole('button', { name: 'Dismiss' }).click();

    fake.failure = { status: 404, code: 'API_KEY_NOT_FOUND', message: 'The API key does not exist.' };
    await page.getByRole('button', { name: 'Revoke ci' }).click();
    await page.getByRole('alert').getByText('ci was not revoked. The API key does not exist.').waitFor();
  });

  it('lets members with limits manage only the keys that their own key created, and rotate their own', async () => {
    const own = fakeKey({ name: 'own', limits: { requests_per_min: 60, tokens_per_min: null, streams: null } });
    const keys = [own, fakeKey({ name: 'child', parent_id: 'own' }), fakeKey({ name: 'sibling' })];
    const page = await harness.open('/nowhere');
    const fake = await withKeys(page, keys, { owner: 'ada', role: 'member', key: own, requires_key: true });
    await openKeys(page);
    await rowOf(page, 'own').getByText('this browser').waitFor();
    await rowOf(page, 'child').getByText('Limits and budget of own').first().waitFor({ state: 'attached' });
    expect(await rowOf(page, 'child').getByText('Platform limits').count()).toBe(0);
    await page.getByText('of the owner ada, with the role member').waitFor();
    expect(await page.getByText('This platform allows calls without a key').count()).toBe(0);
    const actions = page.getByRole('button', { name: /^(Edit|Rotate|Revoke) / });
    const labels = await actions.evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')));
    expect(labels).toEqual(['Rotate own', 'Edit child', 'Rotate child', 'Revoke child']);
    await page.getByRole('button', { name: 'Create key' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel(/^(Owner|Role)$/).count()).toBe(0);
    await dialog.getByLabel('Name').fill('second');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await dialog.getByText('prodigon_value-of-this-key', { exact: true }).waitFor();
    expect(fake.bodies[0]).not.toHaveProperty('role');
    expect(fake.bodies[0]).not.toHaveProperty('owner');
  });

  it('explains why keys are not available', async () => {
    const page = await harness.open('/nowhere');
    await page.route('**/api/v1/me', (route) => route.fulfill({ json: ANONYMOUS }));
    const message = 'Keys need a database: the gateway has no DATABASE_URL.';
    await page.route('**/api/v1/keys', (route) =>
      route.fulfill({ status: 503, json: { error: { code: 'SERVICE_UNAVAILABLE', message, request_id: 'r' } } }),
    );
    await openKeys(page);
    await page.getByText('Could not load API keys').waitFor();
    await page.getByText(message).waitFor();
  });
});
