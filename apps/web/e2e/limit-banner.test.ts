import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, turnIn } from './chat.test-support.ts';
import { sse, withConversations } from './fake-conversations.test-support.ts';
import { type Harness, sharedHarness } from './harness.test-support.ts';
import { paste } from './jobs.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

const LIMIT = 'The owner "ada" has reached its limit of 60 requests per minute.';
const BUDGET = 'The key "ci" has used up its budget of 1 USD per day. The budget starts again at 2999-01-01T00:00:00Z.';

async function refuse(page: Page, code: string, message: string, headers: Record<string, string>): Promise<void> {
  await page.route('**/turns', (route) =>
    route.fulfill({ status: 429, headers, json: { error: { code, message, request_id: 'r' } } }),
  );
}

const banner = (page: Page) => page.locator('[aria-live="polite"]').first();

describe('the banner of limits', () => {
  it('says whose limit a question met, stays on other pages, and goes away when the limit allows requests again', async () => {
    // Its own profile, because the page keeps the clock.
    const page = await harness.open('/chat', { locale: 'en' });
    await page.clock.install();
    await refuse(page, 'RATE_LIMITED', LIMIT, { 'retry-after': '90', 'x-ratelimit-limit-requests': '60' });
    await ask(page, 'One more?');
    await banner(page).getByText(LIMIT).waitFor();
    await banner(page).getByText('in 1 min 30 s').waitFor();
    await page.clock.runFor(31_000);
    await banner(page)
      .getByText(/in 5\d s/)
      .waitFor();
    await page.getByRole('link', { name: 'Docs' }).first().click();
    await banner(page).getByText(LIMIT).waitFor();
    await page.clock.runFor(60_000);
    await banner(page).getByText(LIMIT).waitFor({ state: 'detached' });
  });

  it('says until when a budget is used up, and disappears when dismissed', async () => {
    const page = await harness.open('/chat');
    await refuse(page, 'BUDGET_EXHAUSTED', BUDGET, { 'retry-after': '86400' });
    await ask(page, 'One more?');
    await banner(page).getByText(BUDGET).waitFor();
    await banner(page).getByText('Requests are possible again at').waitFor();
    const notice = turnIn(page, 'failed');
    await notice.getByText('Budget used up').waitFor();
    expect(await notice.getByRole('link', { name: 'Show the budget' }).getAttribute('href')).toBe('/settings/keys');
    expect(await notice.getByRole('button', { name: 'Retry' }).count()).toBe(0);
    await banner(page).getByRole('button', { name: 'Dismiss' }).press('Enter');
    await banner(page).getByText(BUDGET).waitFor({ state: 'detached' });
  });

  it('says until when a budget is used up that a stream reports after it has begun', async () => {
    const page = await harness.open('/nowhere');
    const fake = await withConversations(page);
    const error = { code: 'BUDGET_EXHAUSTED', message: BUDGET, retryable: false, retry_after_seconds: 90 } as const;
    fake.responses.push({ events: sse('error', error), message: { status: 'failed', error } });
    await page.goto(`${harness.platform.url}/chat`);
    await ask(page, 'One more?');
    await banner(page).getByText(BUDGET).waitFor();
    await banner(page)
      .getByText(/in (1 min \d+|\d+) s/)
      .waitFor();
  });

  it('shows the limit that a submitted job met', async () => {
    const page = await harness.open('/jobs/new');
    await page.route(/\/api\/v1\/jobs(?:\?|$)/, (route) =>
      route.fulfill({
        status: 429,
        headers: { 'retry-after': '30', 'x-ratelimit-limit-requests': '60' },
        json: { error: { code: 'RATE_LIMITED', message: LIMIT, request_id: 'r' } },
      }),
    );
    await paste(page, 'One\nTwo');
    await page.getByRole('button', { name: 'Submit 2 prompts' }).click();
    await banner(page).getByText(LIMIT).waitFor();
  });

  it('does not show the limit of a provider, which concerns one model', async () => {
    const page = await harness.open('/chat');
    await refuse(page, 'RATE_LIMITED', 'The model provider is at its rate limit.', { 'retry-after': '30' });
    await ask(page, 'One more?');
    await turnIn(page, 'failed').getByText('Rate limit reached').waitFor();
    expect(await banner(page).getByRole('button').count()).toBe(0);
  });
});
