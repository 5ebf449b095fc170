import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, chatWith, responseText, turnIn, waitForFirstText } from './chat.test-support.ts';
import { eventually, type Harness, sharedHarness } from './harness.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
// React and the browser log every part that does not download, so the problems of these pages say nothing.
afterEach(() => harness.closePages());
afterAll(() => harness.close());

/** Opens a page in which the parts of the web UI do not download until `restore` is called. */
async function openWithout(part: string, path: string) {
  const page = await harness.open('/nowhere', { reducedMotion: 'reduce' });
  const pattern = `**/assets/${part}-*.js`;
  await page.route(pattern, (route) => route.abort());
  await page.goto(harness.platform.url + path);
  return { page, restore: () => page.unroute(pattern) };
}

const navigation = (page: Page, label: string) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: label });

describe('a part of the web UI that does not download', () => {
  it('is retried in place, while the rest of the page stays usable', async () => {
    const { page, restore } = await openWithout('dashboard-page', '/chat');
    await page.getByLabel('Your question').fill('half a thought');
    await navigation(page, 'Dashboard').click();
    await page.getByText('Could not load this part of the page').waitFor();
    await navigation(page, 'Chat').click();
    expect(await page.getByLabel('Your question').inputValue()).toBe('half a thought');
    await navigation(page, 'Dashboard').click();
    const retry = page.getByRole('button', { name: 'Retry' });
    await retry.waitFor();
    await restore();
    await retry.click();
    await page.getByText('Dashboard, updated every 2 seconds').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('does not stop a streaming response', async () => {
    const { page, restore } = await openWithout('model-listbox', chatWith({ tokens_per_s: 50, tokens: 4_000 }));
    await ask(page, 'A long one');
    const before = await waitForFirstText(turnIn(page, 'streaming'));
    await page.getByRole('button', { name: /^Model:/ }).click();
    await page.getByText('Could not load this part of the page').waitFor();
    await eventually(async () => (await responseText(turnIn(page, 'streaming')).textContent())?.length).toBeGreaterThan(
      before.length,
    );
    await restore();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog', { name: 'Choose a model' }).waitFor();
    await turnIn(page, 'streaming').waitFor();
  });

  it('reloads a tab of an earlier version once, and keeps the draft', async () => {
    const page = await harness.open('/nowhere');
    await page.route('**/assets/dashboard-page-*.js', (route) => route.fulfill({ status: 404 }));
    await page.goto(`${harness.platform.url}/chat`);
    await page.getByLabel('Your question').fill('half a thought');
    let documents = 0;
    await page.route('**/', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace(/assets\/index-/, 'assets/index-of-next-version-') });
    });
    page.on('request', (request) => {
      if (request.isNavigationRequest()) documents += 1;
    });
    await navigation(page, 'Dashboard').click();
    await page.getByText('Prodigon was updated').waitFor();
    expect(documents).toBe(1);
    await navigation(page, 'Chat').click();
    expect(await page.getByLabel('Your question').inputValue()).toBe('half a thought');
  });
});
