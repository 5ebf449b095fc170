import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Harness, startHarness } from './harness.test-support.ts';

const ADMIN_KEY = 'admin-key-of-this-test-0123456789';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ API_KEYS: `ops:admin=${ADMIN_KEY}` });
});
afterAll(() => harness.close());

/** Runs a command of the web UI as people paste it, and returns the JSON that it prints. */
function run(command: string) {
  return JSON.parse(execFileSync('sh', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

it('creates a key whose curl command works, counts its usage, revokes it and restores it', async () => {
  const page = await harness.open('/settings/keys');
  await page.getByRole('dialog', { name: 'API key' }).getByLabel('API key').fill(ADMIN_KEY);
  await page.getByRole('button', { name: 'Save key' }).click();
  await page.locator('tr[data-key="ops"]').getByText('Set in API_KEYS, fixed').waitFor();

  await page.getByRole('button', { name: 'Create key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('pipeline');
  await dialog.getByLabel('Owner').fill('ada');
  await dialog.getByLabel('Tokens per day').fill('1000000');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const command = (await dialog.locator('pre').textContent()) ?? '';
  await dialog.getByRole('button', { name: 'Done' }).click();
  expect(run(command).choices[0].message.content).not.toBe('');

  const row = page.locator('tr[data-key="pipeline"]');
  await row.getByText('ada · member').waitFor();
  await page.reload();
  await row
    .getByText(/^[1-9].* tokens of 1M tokens$/)
    .filter({ visible: true })
    .waitFor();
  await page.getByRole('button', { name: 'Revoke pipeline' }).click();
  await page.getByText('pipeline was revoked.').waitFor();
  expect(run(command)).toMatchObject({ error: { code: 'invalid_api_key' } });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('pipeline was restored.').waitFor();
  expect(run(command).choices[0].message.content).not.toBe('');

  await page.goto(`${harness.platform.url}/usage?owner=ada`);
  await page.locator('tr[data-model="prodigon-tutor"]').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  expect(readFileSync(await download.path(), 'utf8')).toContain('pipeline');
  expect(await harness.closePages()).toEqual([]);
});
