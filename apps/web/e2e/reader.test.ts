import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, textOf, turnIn } from './chat.test-support.ts';
import { eventually, type Harness, sharedHarness } from './harness.test-support.ts';

const DOCUMENT = '/read/docs/guide/01-rest-vs-grpc.md';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

describe('the reader', () => {
  it('opens the exact passage that a response links to', async () => {
    const page = await harness.open('/chat');
    await page.getByText('USE_MOCK allows only the offline models.').waitFor();
    expect(await page.getByRole('link', { name: 'add a key for a real model' }).count()).toBe(0);
    await page.getByRole('button', { name: 'When would you choose gRPC over REST?' }).click();
    const link = turnIn(page, 'done').locator('a[href^="/read/"][href*="#"]').first();
    const href = (await link.getAttribute('href')) ?? '';
    await link.click();
    await page.waitForURL(`**${href}`);
    const heading = page.locator(`[id="${href.split('#')[1]}"]`);
    await heading.waitFor();
    await eventually(() => heading.evaluate((element) => element === document.activeElement)).toBe(true);
    const box = await heading.boundingBox();
    expect(box?.y).toBeGreaterThanOrEqual(0);
    expect(box?.y).toBeLessThan(400);
  });

  it('returns to the unchanged conversation, model and scroll position', async () => {
    const page = await harness.open('/chat?model=prodigon-tutor');
    const log = page.getByRole('log');
    for (const [index, question] of [
      'Why use dependency injection in a service?',
      'When would you choose gRPC over REST?',
    ].entries()) {
      await ask(page, question);
      await turnIn(page, 'done', index).waitFor();
    }
    const topOf = () => log.evaluate((element) => element.scrollTop);
    const pill = page.getByRole('button', { name: 'Jump to latest' });
    await pill.waitFor();
    const atQuestion = await topOf();
    await log.hover();
    await page.mouse.wheel(0, -200);
    await eventually(topOf).toBe(atQuestion - 200);
    const top = await topOf();
    await page.getByRole('link', { name: 'Docs', exact: true }).click();
    await page.locator('article h1').waitFor();
    const reader = page.locator('main > div').first();
    // An image that loads later would move the text.
    const image = page.locator('article img.only-light').first();
    await eventually(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(0);
    await reader.evaluate((element) => element.scrollTo(0, 300));
    await page.getByRole('link', { name: 'Chat', exact: true }).click();
    await page.waitForURL('**/chat/*');
    await page.goBack();
    await eventually(() => reader.evaluate((element) => element.scrollTop)).toBe(300);
    await page.goBack();
    await turnIn(page, 'done').waitFor();
    await eventually(async () => Math.abs((await topOf()) - top)).toBeLessThan(3);
    await pill.waitFor();
  });

  it('shows the README at /read and opens documents from the tree', async () => {
    const page = await harness.open('/read');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const tree = page.getByRole('navigation', { name: 'Documents' });
    expect(await tree.locator('[aria-current="page"]').getAttribute('href')).toBe('/read/README.md');
    await tree.locator(`a[href="${DOCUMENT}"]`).click();
    await page.waitForURL(`**${DOCUMENT}`);
    await page.locator('article h1').waitFor();
    await eventually(() => page.title()).toContain(await textOf(page.locator('article h1')));
  });

  it('shows images from the repository, and of two themes only the current one', async () => {
    const page = await harness.open('/read');
    const [light, dark] = [page.locator('article img.only-light').first(), page.locator('article img.only-dark').first()];
    for (const [colorScheme, shown, hidden] of [
      ['light', light, dark],
      ['dark', dark, light],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await eventually(() => shown.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(0);
      expect(await shown.getAttribute('alt')).toBeTruthy();
      expect(await hidden.isVisible()).toBe(false);
    }
    await page.getByRole('button', { name: 'Theme: system. Switch to light' }).first().click();
    await light.waitFor();
    expect(await dark.isVisible()).toBe(false);
  });

  it('moves from the table of contents to the heading', async () => {
    const page = await harness.open(DOCUMENT, { viewport: { width: 1440, height: 800 } });
    const entry = page.getByRole('navigation', { name: 'On this page' }).getByRole('link').last();
    const href = (await entry.getAttribute('href')) ?? '';
    await entry.click();
    await page.waitForURL(`**${DOCUMENT}${href}`);
    await eventually(() => page.evaluate(() => document.activeElement?.id)).toBe(decodeURIComponent(href.slice(1)));
  });

  it('follows relative links to other documents', async () => {
    const page = await harness.open('/read/docs/guide/README.md');
    const link = page.locator('article a[href^="/read/docs/"]').first();
    const href = await link.getAttribute('href');
    await link.click();
    await page.waitForURL(`**${href}`);
    await page.locator('article h1').waitFor();
  });

  it('follows links to source code, and shows its lines and folders', async () => {
    const page = await harness.open('/read/README.md');
    await page.locator('article a[href="/read/apps/monolith/src/monolith-app.ts"]').click();
    await page.locator('.source-lines .hljs-keyword').first().waitFor();
    await page.getByRole('link', { name: '3', exact: true }).click();
    await page.waitForURL('**/monolith-app.ts#L3');
    expect(await page.locator('#L3').getAttribute('aria-current')).toBe('location');
    // Each number stands beside its line.
    const [numbers, code] = await Promise.all(
      ['.source-lines ol', '.source-lines pre'].map((part) => page.locator(part).evaluate((element) => element.clientHeight)),
    );
    expect(numbers).toBe(code);

    await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link', { name: 'apps' }).click();
    await page.getByRole('link', { name: 'Folder gateway' }).click();
    await page.getByRole('link', { name: 'File package.json' }).click();
    await page.getByRole('heading', { name: 'package.json' }).waitFor();
    // Markdown of the code is rendered, although it is no document of the tree.
    const documentRequests: string[] = [];
    page.on('request', (request) => documentRequests.push(request.url()));
    await page.goto(`${harness.platform.url}/read/CHANGELOG.md`);
    await page.getByRole('heading', { level: 1, name: 'Changelog' }).waitFor();
    await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByText('CHANGELOG.md').waitFor();
    expect(documentRequests.filter((url) => url.includes('/content?path='))).toEqual([]);
  });

  it('reports an unknown document', async () => {
    const page = await harness.open('/read/docs/nothing.md');
    await page.getByRole('heading', { name: 'Document not found' }).waitFor();
  });

  it('reports a document that fails to load and retries', async () => {
    const page = await harness.open('/read');
    await page.locator('article').waitFor();
    await page.route('**/api/v1/content?path=*', (route) => route.abort());
    await page.getByRole('navigation', { name: 'Documents' }).locator(`a[href="${DOCUMENT}"]`).click();
    await page.getByRole('heading', { name: 'Could not load the document' }).waitFor();
    await page.unroute('**/api/v1/content?path=*');
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.locator('article h1').waitFor();
  });
});

describe('an unknown path', () => {
  it('returns 404 and links to existing pages', async () => {
    const response = await fetch(`${harness.platform.url}/nowhere`, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(404);
    const page = await harness.open('/nowhere');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await page.getByRole('link', { name: 'ask a question' }).click();
    await page.getByLabel('Your question').waitFor();
  });
});
