import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeConversations, withConversations } from './fake-conversations.test-support.ts';
import { eventually, type Harness, sharedHarness } from './harness.test-support.ts';
import { optionsOf, SCREENS } from './screens.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

/** Opens the chat with these stubbed conversations. */
async function openWith(
  add: (fake: FakeConversations) => void,
  path = '/chat',
  options = {},
): Promise<{ page: Page; fake: FakeConversations }> {
  const page = await harness.open('/nowhere', options);
  const fake = await withConversations(page);
  add(fake);
  await page.goto(harness.platform.url + path);
  return { page, fake };
}

const list = (page: Page) => page.getByRole('navigation', { name: 'Conversations' });
const item = (page: Page, title: string) => list(page).getByRole('link', { name: title });

async function chooseAction(page: Page, title: string, action: string): Promise<void> {
  await item(page, title).hover();
  await page.getByRole('button', { name: `Actions for ${title}` }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

const daysAgo = (days: number) => ({ updated_at: new Date(Date.now() - days * 86_400_000).toISOString() });

describe('the list of conversations', () => {
  it('groups conversations by day, with the pinned ones first', async () => {
    const { page } = await openWith((fake) => {
      fake.add('Old', [], daysAgo(400));
      fake.add('Of yesterday', [], daysAgo(1));
      fake.add('Of today');
      fake.add('Important', [], { pinned: true, ...daysAgo(90) });
    });
    await item(page, 'Of today').waitFor();
    const headings = await list(page).getByRole('heading').allTextContents();
    expect(headings.slice(0, 3)).toEqual(['Pinned', 'Today', 'Yesterday']);
    expect(headings).toHaveLength(4);
    expect(await item(page, 'Important').count()).toBe(1);
  });

  it('renames, pins and archives a conversation', async () => {
    const { page, fake } = await openWith((fake) => void fake.add('First name'));
    await chooseAction(page, 'First name', 'Rename');
    await page.getByLabel('Title').fill('Second name');
    await page.getByLabel('Title').press('Enter');
    await item(page, 'Second name').waitFor();
    const actions = page.getByRole('button', { name: 'Actions for Second name' });
    await eventually(() => actions.evaluate((element) => element === document.activeElement)).toBe(true);

    await chooseAction(page, 'Second name', 'Pin');
    await list(page).getByRole('heading', { name: 'Pinned' }).waitFor();
    await chooseAction(page, 'Second name', 'Archive');
    await page.getByText('Your conversations appear here.').waitFor();
    await page.getByRole('button', { name: 'Archive' }).click();
    await page.getByRole('link', { name: 'Second name' }).waitFor();
    expect(fake.conversations).toMatchObject([{ title: 'Second name', pinned: true, archived: true }]);
  });

  it('does not rename a conversation after Escape', async () => {
    const { page, fake } = await openWith((fake) => void fake.add('First name'));
    await chooseAction(page, 'First name', 'Rename');
    await page.getByLabel('Title').fill('Second name');
    await page.getByLabel('Title').press('Escape');
    await item(page, 'First name').waitFor();
    expect(fake.conversations[0]?.title).toBe('First name');
  });

  it('restores a deleted conversation with Undo, and deletes it when the page is hidden', async () => {
    const { page, fake } = await openWith((fake) => {
      fake.add('To keep');
      fake.add('To delete');
    });
    await chooseAction(page, 'To delete', 'Delete');
    await page.getByText('Deleted “To delete”.').waitFor();
    expect(await item(page, 'To delete').count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await item(page, 'To delete').waitFor();
    expect(fake.conversations).toHaveLength(2);

    await chooseAction(page, 'To delete', 'Delete');
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await eventually(() => fake.conversations.length).toBe(1);
    expect(await item(page, 'To delete').count()).toBe(0);
  });

  it('leaves a conversation that is deleted', async () => {
    let id = '';
    const { page } = await openWith((fake) => {
      id = fake.add('Open', ['Question', 'Response']).id;
    });
    await page.goto(`${harness.platform.url}/chat/${id}`);
    await page.getByRole('button', { name: 'Conversation actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await item(page, 'Open').click();
    await page.getByRole('log').getByText('Response').waitFor();
  });

  it('marks a conversation while the model responds, and its response until it is read', async () => {
    const { page, fake } = await openWith((fake) => {
      fake.add('Elsewhere', ['Question', 'Response'], { generating: true });
    });
    await item(page, 'Elsewhere').getByText('Generating').waitFor({ state: 'attached' });
    for (const conversation of fake.conversations) conversation.generating = false;
    await page.reload();
    await item(page, 'Elsewhere').getByText('Unread response').waitFor({ state: 'attached' });
    await item(page, 'Elsewhere').click();
    await eventually(() => item(page, 'Elsewhere').getByText('Unread response').count()).toBe(0);
  });

  it('shows why conversations cannot be loaded, and loads them again', async () => {
    const page = await harness.open('/nowhere');
    const error = { code: 'SERVICE_UNAVAILABLE', message: 'The database cannot be reached.', request_id: 'r' };
    await page.route('**/api/v1/chat/**', (route) => route.fulfill({ status: 503, json: { error } }));
    await page.goto(`${harness.platform.url}/chat`);
    await page.getByText('Could not load the conversations').waitFor();
    await page.getByText('The database cannot be reached.').waitFor();
    await page.getByLabel('Your question').fill('Can you store this?');
    await page.getByLabel('Your question').press('Enter');
    await page.getByRole('log').getByText('Service unavailable').waitFor();
    await page.unroute('**/api/v1/chat/**');
    const fake = await withConversations(page);
    await page.getByRole('log').getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('log').getByText('A response.').waitFor();
    expect(fake.turns.map(({ body }) => body.content)).toEqual(['Can you store this?']);
  });

  it('opens as a drawer on a phone, and closes when a conversation is chosen', async () => {
    const { page } = await openWith(
      (fake) => void fake.add('Elsewhere', ['Question', 'Response']),
      '/chat',
      optionsOf(SCREENS.mobileLight),
    );
    await page.getByRole('button', { name: 'Show conversations' }).tap();
    const drawer = page.getByRole('dialog', { name: 'Conversations' });
    await drawer.getByRole('button', { name: 'Actions for Elsewhere' }).tap();
    await page.getByRole('menuitem', { name: 'Pin' }).tap();
    await drawer.getByRole('heading', { name: 'Pinned' }).waitFor();
    await drawer.getByRole('link', { name: 'Elsewhere' }).tap();
    await drawer.waitFor({ state: 'detached' });
    await page.getByRole('log').getByText('Response').waitFor();
  });
});

describe('the search over conversations', () => {
  it('shows the results of the latest search, whichever response arrives last', async () => {
    const { page } = await openWith((fake) => {
      for (const title of ['Leases', 'Lessons', 'Cache keys']) fake.add(title);
    });
    await item(page, 'Leases').waitFor();
    const held: (() => void)[] = [];
    await page.route('**/api/v1/chat/search?q=le*', async (route) => {
      if (!route.request().url().endsWith('q=le')) return route.fallback();
      await new Promise<void>((resolve) => held.push(resolve));
      await route.fallback().catch(() => {});
    });
    const search = page.getByRole('searchbox', { name: 'Search conversations' });
    await search.fill('le');
    await eventually(() => held.length).toBe(1);
    await search.fill('cache');
    const results = page.getByRole('navigation', { name: 'Search results' });
    await results.getByRole('link', { name: 'Cache keys' }).waitFor();
    for (const release of held) release();
    await results.getByText('1 result').waitFor({ state: 'attached' });
    expect(await results.getByRole('link').count()).toBe(1);
    expect(await results.locator('mark').textContent()).toBe('Cache keys');

    await search.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/chat\/[\da-f-]{36}$/);
    await search.press('Escape');
    await item(page, 'Leases').waitFor();
  });
});

describe('a link to a message', () => {
  it('opens a conversation at the message that the fragment names', async () => {
    const texts = Array.from({ length: 30 }, (_, index) => `Text ${index}. ${'More words. '.repeat(60)}`);
    const { page, fake } = await openWith((fake) => void fake.add('Long', texts));
    const [conversation] = fake.conversations;
    const messageId = fake.messages.get(conversation?.id ?? '')?.[11]?.id;
    await page.goto(`${harness.platform.url}/chat/${conversation?.id}#${messageId}`);
    const response = page.locator(`[data-message="${messageId}"]`);
    await response.waitFor();
    const topInList = () =>
      response.evaluate((element) => {
        const list = element.closest('[role=log]');
        return Math.round(element.getBoundingClientRect().top - (list?.getBoundingClientRect().top ?? 0));
      });
    await eventually(topInList).toBe(16);
  });
});
