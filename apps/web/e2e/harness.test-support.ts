import { createTestDatabase, launchChromium, MODELS_WITHOUT_BREAKER, type RunningApp, startApp } from '@prodigon/testing';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

/** A wide and a narrow screen, each in both themes. */
export const SCREENS: readonly { name: string; options: BrowserContextOptions }[] = (['light', 'dark'] as const).flatMap(
  (colorScheme) => [
    { name: `desktop, ${colorScheme}`, options: { colorScheme, viewport: { width: 1280, height: 800 } } },
    {
      name: `mobile, ${colorScheme}`,
      options: { colorScheme, viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
    },
  ],
);

/** Waits until what is read is as expected, as long as a test may take. */
export function eventually<Value>(read: () => Value | Promise<Value>) {
  return expect.poll(read, { timeout: 60_000 });
}

export interface World {
  readonly platform: RunningApp;
  /** A page in a fresh profile. Whatever goes wrong in it is remembered. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /**
   * What went wrong in all pages since it was last asked: console errors, exceptions, requests to another
   * origin. Answers that are errors are no such problem: a test that provokes them looks at what is shown.
   */
  problems(): string[];
  /** Closes every page, which also ends what they stream, and tells what went wrong in them. */
  closePages(): Promise<string[]>;
  close(): Promise<void>;
}

/** The whole platform as one process, offline, and a browser to use it with. The page must have been built. */
export async function startWorld(env: Record<string, string> = {}): Promise<World> {
  const [platform, browser] = await Promise.all([startPlatform(env), launchChromium()]);
  const problems: string[] = [];
  return {
    platform,
    async open(path, options = {}) {
      const page = await newPage(browser, options);
      watch(page, platform.url, problems);
      await page.goto(platform.url + path);
      return page;
    },
    problems: () => problems.splice(0),
    async closePages() {
      await Promise.all(browser.contexts().map((context) => context.close()));
      return problems.splice(0);
    },
    async close() {
      await Promise.all([browser.close(), platform.close()]);
    },
  };
}

/** The whole platform as one process, with an empty database of its own. */
export async function startPlatform(env: Record<string, string> = {}): Promise<RunningApp> {
  const database = await createTestDatabase();
  const app = await startApp('monolith', {
    USE_MOCK: 'true',
    LOG_LEVEL: 'warn',
    DATABASE_URL: database.url,
    MODELS_FILE: MODELS_WITHOUT_BREAKER,
    ...env,
  });
  return {
    ...app,
    async close() {
      await app.close();
      await database.drop();
    },
  };
}

async function newPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  return context.newPage();
}

function watch(page: Page, origin: string, problems: string[]): void {
  page.on('pageerror', (error) => problems.push(`exception: ${error.stack}`));
  page.on('console', (message) => {
    const isProblem = message.type() === 'error' || message.type() === 'warning';
    if (isProblem && !message.text().startsWith('Failed to load resource')) problems.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) problems.push(`request to ${request.url()}`);
  });
}
