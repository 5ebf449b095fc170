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

async function openConversation(): Promise<{ page: Page; log: Locator }> {
  const page = await harness.open('/settings/models');
  const path = await withConversation(page, TURNS);
  await page.goto(harness.platform.url + path);
  const log = page.getByRole('log');
  await log.getByText(`Question ${TURNS}.`, { exact: true }).waitFor();
  return { page, log };
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
    await log.hover();
    for (let step = 0; step < 10; step += 1) await page.mouse.wheel(0, -2_000);
    await page.getByRole('button', { name: 'Jump to latest' }).waitFor();
    await eventually(() => log.locator('[data-index="900"]').count()).toBe(0);
    await log.evaluate((element) => element.scrollTo(0, 0));
    await eventually(() => hasQuestion(log, 1)).toBe(1);
    expect(await elementCount(log)).toBeLessThanOrEqual(1_500);
  });

  it('keeps the messages in view where they are while heights above them become known', async () => {
    const { page, log } = await openConversation();
    await log.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
    await eventually(() => log.locator('[data-index]').first().getAttribute('data-index')).not.toBe('0');
    await log.hover();
    const positions = log.evaluate(
      (element) =>
        new Promise<number[]>((resolve) => {
          const jumps: number[] = [];
          const tops = new Map<string, number>();
          let frames = 0;
          let lastScroll = element.scrollTop;
          const record = () => {
            const moved = element.scrollTop - lastScroll;
            lastScroll = element.scrollTop;
            for (const message of element.querySelectorAll<HTMLElement>('[data-key]')) {
              const top = message.getBoundingClientRect().top;
              const before = tops.get(message.dataset.key ?? '');
              if (before !== undefined && top > 0 && top < 800 && Math.abs(moved) > 2_000) jumps.push(top - before);
              tops.set(message.dataset.key ?? '', top);
            }
            frames += 1;
            if (frames === 60) resolve(jumps);
            else requestAnimationFrame(record);
          };
          record();
        }),
    );
    for (let step = 0; step < 20; step += 1) await page.mouse.wheel(0, -150);
    expect(await positions).toEqual([]);
  });
});
