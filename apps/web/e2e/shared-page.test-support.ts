import { sharedChromium } from '@prodigon/testing';
import type { BrowserContextOptions, Page } from 'playwright-core';

const VIEWPORT = { width: 1280, height: 800 };
const RECORDED_EVENTS = ['pageerror', 'console', 'request'] as const;

/** With another opener policy than the web UI has, the next document would get a new process. */
const EMPTY_DOCUMENT = {
  responseCode: 200,
  responseHeaders: [
    { name: 'content-type', value: 'text/html' },
    { name: 'cross-origin-opener-policy', value: 'same-origin' },
  ],
  body: '',
};

export interface PageLease {
  readonly page: Page;
  /** Unloads the page, which ends its streams. */
  release(): Promise<void>;
}

/** The page that the tests of a Vitest worker use in turn, while no test uses it. */
let idle: Page | undefined;

/**
 * Returns a page without stored data. Tests without options share one page, because a new profile starts a process that
 * compiles the web UI again: 0.65 CPU seconds instead of 0.3. A test that opens several pages, or a page with options,
 * gets new profiles.
 */
export async function acquirePage(options: BrowserContextOptions = {}): Promise<PageLease> {
  const isShareable = Object.keys(options).length === 0;
  const page = (isShareable && takeIdle()) || (await openPage(options));
  return {
    page,
    async release() {
      const isReset = isShareable && idle === undefined && (await reset(page));
      if (isReset) idle ??= page;
      if (idle !== page) await page.context().close();
    },
  };
}

function takeIdle(): Page | undefined {
  const page = idle;
  idle = undefined;
  return page;
}

async function openPage(options: BrowserContextOptions): Promise<Page> {
  const browser = await sharedChromium();
  const context = await browser.newContext({ viewport: VIEWPORT, ...options });
  return context.newPage();
}

/** Unloads the page and deletes what its document stored. Returns false if it no longer responds, e.g. after a crash. */
async function reset(page: Page): Promise<boolean> {
  try {
    for (const event of RECORDED_EVENTS) page.removeAllListeners(event);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await unload(page);
    await page.context().clearCookies();
    await page.mouse.move(0, 0);
    return true;
  } catch {
    return false;
  }
}

/** Shows an empty document of the same origin, which is the only place that can clear the storage of the tab. */
async function unload(page: Page): Promise<void> {
  const url = new URL('/empty-document', page.url()).href;
  // A route of Playwright would disable the browser's cache.
  const session = await page.context().newCDPSession(page);
  session.on('Fetch.requestPaused', ({ requestId }) => session.send('Fetch.fulfillRequest', { requestId, ...EMPTY_DOCUMENT }));
  await session.send('Fetch.enable', { patterns: [{ urlPattern: url }] });
  await page.goto(url);
  await page.evaluate(() => {
    localStorage.clear();
    sessionStorage.clear();
  });
  await session.detach();
}
