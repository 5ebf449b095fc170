import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type Harness, sharedHarness } from './harness.test-support.ts';
import { withConversation } from './long-conversation.test-support.ts';

/** Each turn is a question and a response. */
const TURNS = 1_000;

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

async function openConversation(turns = TURNS): Promise<{ page: Page; log: Locator }> {
  const page = await harness.open('/settings/models');
  const path = await withConversation(page, turns);
  await page.goto(harness.platform.url + path);
  const log = page.getByRole('log');
  await log.getByText(`Question ${turns}.`, { exact: true }).waitFor();
  return { page, log };
}

/** Waits until the earlier messages, which load in pages, have arrived. */
async function allMessages(log: Locator, turns = TURNS): Promise<void> {
  await eventually(() => log.locator('[data-index]').last().getAttribute('data-index')).toBe(String(turns - 1));
}

const elementCount = (log: Locator) => log.locator('*').count();
const distanceToEnd = (log: Locator) =>
  log.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
const hasQuestion = (log: Locator, number: number) => log.getByText(`Question ${number}.`, { exact: true }).count();

describe('a conversation of 2,000 messages', () => {
  it('opens at its end with at most 1,500 elements, also after scrolling through it', async () => {
    const { page, log } = await openConversation();
    await eventually(() => distanceToEnd(log)).toBeLessThan(40);
    expect(await page.getByRole('button', { name: 'Jump to latest' }).count()).toBe(0);
    expect(await elementCount(log)).toBeLessThanOrEqual(1_500);
    await allMessages(log);
    await log.hover();
    for (let step = 0; step < 10; step += 1) await page.mouse.wheel(0, -2_000);
    await page.getByRole('button', { name: 'Jump to latest' }).waitFor();
    await eventually(() => log.locator('[data-index="900"]').count()).toBe(0);
    await log.evaluate((element) => element.scrollTo(0, 0));
    await eventually(() => hasQuestion(log, 1)).toBe(1);
    expect(await elementCount(log)).toBeLessThanOrEqual(1_500);
  });

  it('keeps the messages in view where they are when earlier ones arrive', async () => {
    const page = await harness.open('/settings/models');
    const path = await withConversation(page, TURNS);
    const hasScrolled = Promise.withResolvers<void>();
    await page.route(
      (url) => url.searchParams.has('before'),
      async (route) => {
        await hasScrolled.promise;
        await route.fallback();
      },
    );
    await page.goto(harness.platform.url + path);
    const log = page.getByRole('log');
    await log.getByText(`Question ${TURNS}.`, { exact: true }).waitFor();
    await log.hover();
    await page.mouse.wheel(0, -3_000);
    await page.getByRole('button', { name: 'Jump to latest' }).waitFor();
    hasScrolled.resolve();
    // Compares the position of a message in each frame, until all earlier ones have arrived.
    const moves = await log.evaluate(
      (element, last) =>
        new Promise<number[]>((resolve) => {
          let message: Element | undefined;
          let top = 0;
          const moves: number[] = [];
          const record = () => {
            if (!message?.isConnected) {
              message = [...element.querySelectorAll('[data-key]')].find((each) => each.getBoundingClientRect().bottom > 300);
            } else {
              const move = message.getBoundingClientRect().top - top;
              if (Math.abs(move) > 1) moves.push(move);
            }
            top = message?.getBoundingClientRect().top ?? 0;
            const indexes = [...element.querySelectorAll<HTMLElement>('[data-index]')];
            if (indexes.at(-1)?.dataset.index === last) setTimeout(() => resolve(moves), 100);
            else requestAnimationFrame(record);
          };
          requestAnimationFrame(() => requestAnimationFrame(record));
        }),
      String(TURNS - 1),
    );
    expect(moves).toEqual([]);
  });

  it('moves the messages in view by the scrolled distance only, while heights above them become known', async () => {
    const { page, log } = await openConversation();
    await log.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
    await eventually(() => log.locator('[data-index]').first().getAttribute('data-index')).not.toBe('0');
    await log.hover();
    for (let step = 0; step < 12; step += 1) {
      const message = await log.evaluateHandle((element) =>
        [...element.querySelectorAll('[data-key]')].find((each) => each.getBoundingClientRect().bottom > 150),
      );
      const top = () => message.evaluate((element) => element?.getBoundingClientRect().top ?? Number.NaN);
      const before = await top();
      await page.mouse.wheel(0, -200);
      await eventually(async () => Math.round((await top()) - before)).toBe(200);
    }
  });

  it("shows all messages to the browser's search and to the printer", async () => {
    const { page, log } = await openConversation(200);
    await allMessages(log, 200);
    expect(await hasQuestion(log, 3)).toBe(0);
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await hasQuestion(log, 3)).toBe(1);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await eventually(() => hasQuestion(log, 3)).toBe(0);
    await page.keyboard.press('Control+f');
    await eventually(() => hasQuestion(log, 3)).toBe(1);
    await eventually(() => distanceToEnd(log)).toBeLessThan(40);
  });

  it('keeps the focused message in the document when it scrolls out of view', async () => {
    const { page, log } = await openConversation();
    await allMessages(log);
    const copy = log.getByRole('button', { name: 'Copy response' }).nth(-3);
    await copy.focus();
    await log.evaluate((element) => element.scrollTo(0, 0));
    await eventually(() => hasQuestion(log, 1)).toBe(1);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Copy response');
  });
});
