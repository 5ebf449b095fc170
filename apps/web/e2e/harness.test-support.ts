import { MODELS_WITHOUT_BREAKER, type RunningApp, startApp } from '@prodigon/testing';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { acquirePage, type PageLease, WAIT_MS } from './shared-page.test-support.ts';

/** Polls a value until the following assertion passes. */
export function eventually<Value>(read: () => Value | Promise<Value>) {
  return expect.poll(read, { timeout: WAIT_MS });
}

export interface Harness {
  readonly platform: RunningApp;
  /** Opens a page without stored data and records its problems. `prepare` runs before the page loads. */
  open(path: string, options?: BrowserContextOptions, prepare?: (page: Page) => Promise<unknown>): Promise<Page>;
  /**
   * Returns the problems of all pages since the last call: console errors, console warnings, exceptions and requests to
   * another origin. Error responses are not problems, because tests that provoke them check the web UI.
   */
  problems(): string[];
  /** Closes every page, which also ends their streams, and returns their problems. */
  closePages(): Promise<string[]>;
  close(): Promise<void>;
}

/** Starts the platform as one offline process, whose web UI tests open in the shared browser. Requires a built web UI. */
export async function startHarness(env: Record<string, string> = {}): Promise<Harness> {
  return openHarness(await startPlatform(env));
}

let shared: Promise<RunningApp> | undefined;

/** Uses the platform that all test files of a worker share, for tests that neither change it nor count its jobs. */
export async function sharedHarness(): Promise<Harness> {
  shared ??= startPlatform();
  return openHarness({ ...(await shared), close: async () => {} });
}

function openHarness(platform: RunningApp): Harness {
  const leases: PageLease[] = [];
  const problems: string[] = [];
  const releasePages = () => Promise.all(leases.splice(0).map((lease) => lease.release()));
  return {
    platform,
    async open(path, options = {}, prepare = async () => {}) {
      const lease = await acquirePage(options);
      leases.push(lease);
      const { page } = lease;
      recordProblems(page, platform.url, problems);
      await prepare(page);
      await page.goto(platform.url + path);
      return page;
    },
    problems: () => problems.splice(0),
    async closePages() {
      await releasePages();
      return problems.splice(0);
    },
    async close() {
      await releasePages();
      await platform.close();
    },
  };
}

/** Starts the whole platform as one process with a new database. */
export function startPlatform(env: Record<string, string> = {}): Promise<RunningApp> {
  return startApp('monolith', { USE_MOCK: 'true', LOG_LEVEL: 'warn', MODELS_FILE: MODELS_WITHOUT_BREAKER, ...env });
}

function recordProblems(page: Page, origin: string, problems: string[]): void {
  page.on('pageerror', (error) => problems.push(`exception: ${error.stack}`));
  page.on('console', (message) => {
    const isProblem = message.type() === 'error' || message.type() === 'warning';
    if (isProblem && !message.text().startsWith('Failed to load resource')) problems.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) problems.push(`request to ${request.url()}`);
  });
}
