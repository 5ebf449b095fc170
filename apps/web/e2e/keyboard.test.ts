import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chatWith, turnIn } from './chat.test-support.ts';
import { eventually, type Harness, sharedHarness } from './harness.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

const TAB_STOPS_MAX = 80;

/** Presses Tab until the element with this name has the focus. */
async function tabTo(page: Page, name: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let stop = 0; stop < TAB_STOPS_MAX; stop += 1) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent?.trim();
    });
    if (focused === name) return;
    await page.keyboard.press(key);
  }
  throw new Error(`“${name}” was not reached with ${key}`);
}

describe('keyboard navigation', () => {
  it('sends, stops, regenerates and copies a response by keyboard', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 10, tokens: 60 }), {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await tabTo(page, 'Your question');
    await page.keyboard.type('Tell me');
    await page.keyboard.press('Enter');
    await turnIn(page, 'streaming').waitFor();
    await page.keyboard.press('Escape');
    await turnIn(page, 'stopped').waitFor();
    await tabTo(page, 'Regenerate response', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await turnIn(page, 'done').waitFor();
    await tabTo(page, 'Copy response', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Copied' }).waitFor();
  });

  it('opens a document, skips the navigation and selects a persistent theme by keyboard', async () => {
    const page = await harness.open('/chat');
    await tabTo(page, 'Docs');
    await page.keyboard.press('Enter');
    await page.locator('article').waitFor();
    await tabTo(page, 'REST vs gRPC');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/read/docs/guide/01-rest-vs-grpc.md');

    await page.reload();
    await page.locator('article').waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: 'Skip to content' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');

    await tabTo(page, 'Theme: system. Switch to light', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    // With reduced motion, colors change within a millisecond.
    await eventually(background).toBe('rgb(13, 15, 20)');
    await page.reload();
    expect(await background()).toBe('rgb(13, 15, 20)');
  });
});
