import { sharedChromium } from '@prodigon/testing';
import type { BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { endEmulation } from './screens.test-support.ts';

/** Half of the timeout of a test, so that a failed wait reports its own condition. */
export const WAIT_MS = 60_000;
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

/** The page that the tests of a Vitest worker use in turn. */
let shared: Page | undefined;
let isLent = false;

/**
 * Returns a page without stored data. Tests without options share one page, because a new profile starts a process that
 * compiles the web UI again: 0.65 CPU seconds instead of 0.3. Further pages of a test, and pages with options, get new
 * profiles.
 */
export async function acquirePage(options: BrowserContextOptions = {}): Promise<PageLease> {
  if (isLent || Object.keys(options).length > 0) {
    const page = await openPage(options);
    return { page, release: () => page.context().close() };
  }
  isLent = true;
  const page = shared ?? (await openPage());
  return {
    page,
    async release() {
      shared = (await reset(page)) ? page : undefined;
      if (!shared) await page.context().close();
      isLent = false;
    },
  };
}

/** Returns a page without stored data until the test finishes. */
export async function usePage(): Promise<Page> {
  const { page, release } = await acquirePage();
  onTestFinished(release);
  return page;
}

async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  const browser = await sharedChromium();
  // Endless animations would render 60 frames a second, without a graphics card.
  const context = await browser.newContext({ viewport: VIEWPORT, reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(WAIT_MS);
  return context.newPage();
}

/** The sessions that redirect requests of a page. */
const redirections = new WeakMap<Page, CDPSession[]>();

/**
 * Sends the requests of a page that match a URL pattern, in which `*` stands for any text, to another origin. A route of
 * Playwright would disable the browser's cache, so that each document compiles the web UI again.
 */
export async function redirectRequests(page: Page, urlPatterns: readonly string[], origin: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  redirections.set(page, [...(redirections.get(page) ?? []), session]);
  session.on('Fetch.requestPaused', ({ requestId, request }) => {
    const { pathname, search } = new URL(request.url);
    // A request of a page that unloads has ended meanwhile.
    session.send('Fetch.continueRequest', { requestId, url: `${origin}${pathname}${search}` }).catch(() => {});
  });
  await session.send('Fetch.enable', { patterns: urlPatterns.map((urlPattern) => ({ urlPattern })) });
}

async function endRedirections(page: Page): Promise<void> {
  await Promise.all((redirections.get(page) ?? []).map((session) => session.detach()));
  redirections.delete(page);
}

/** Unloads the page and deletes what its document stored. Returns false if it no longer responds, e.g. after a crash. */
async function reset(page: Page): Promise<boolean> {
  try {
    for (const event of RECORDED_EVENTS) page.removeAllListeners(event);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await endRedirections(page);
    await endEmulation(page, VIEWPORT);
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
