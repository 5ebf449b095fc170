import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, turnIn } from './chat.test-support.ts';
import { SCREENS, startWorld, type World } from './world.test-support.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(async () => expect(await world.closePages()).toEqual([]));
afterAll(() => world.close());

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`));
}

const RICH = [
  '# Heading\n\nText with a [link](/read/README.md), `code` and <i>markup</i>.',
  '| a | b |\n|---|--:|\n| 1 | 2 |',
  '- [x] done\n- [ ] open\n\n> quote\n\n![remote](https://pictures.example/a.png)',
  '```ts\n// comment\nexport const answer: number = await ask("why", 42);\n```',
].join('\n\n');

function eventStream(ending: string): string {
  return `event: start\ndata: {"generation_id":"g","model":"canned","request_id":"r"}\n\nevent: token\ndata: ${JSON.stringify(RICH)}\n\n${ending}`;
}

const ENDINGS = [
  { state: 'done', ending: 'event: done\ndata: {"finish_reason":"length","ttft_ms":1,"latency_ms":2}\n\n' },
  { state: 'interrupted', ending: '' },
  {
    state: 'failed',
    ending: 'event: error\ndata: {"code":"INFERENCE_ERROR","message":"The provider broke.","retryable":true}\n\n',
  },
];

describe.each(SCREENS)('$name', ({ options }) => {
  it('the empty chat has no violations', async () => {
    const page = await world.open('/chat', options);
    await page.getByRole('heading', { name: 'What do you want to understand?' }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('a conversation with answers of every ending has no violations', async () => {
    const page = await world.open('/chat', options);
    for (const [place, { state, ending }] of ENDINGS.entries()) {
      await page.unroute('**/generate/stream');
      await page.route('**/generate/stream', (route) =>
        route.fulfill({ contentType: 'text/event-stream', body: eventStream(ending) }),
      );
      await ask(page, `Question ${place}`);
      await turnIn(page, state, place).locator('.hljs-keyword').first().waitFor();
    }
    expect(await violations(page)).toEqual([]);
  });

  it.each([
    ['/read', 'article h1'],
    ['/read/docs/guide/01-rest-vs-grpc.md', 'article h1'],
    ['/dashboard', '[data-service="model"]'],
    ['/nowhere', 'h1'],
  ])('%s has no violations', async (path, landmark) => {
    const page = await world.open(path, options);
    await page.locator(landmark).first().waitFor();
    expect(await violations(page)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});

describe('the context column on a phone', () => {
  it('is a drawer without violations, closed by Escape, giving the focus back', async () => {
    const phone = SCREENS.find(({ name }) => name.startsWith('mobile'));
    const page = await world.open('/read', phone?.options);
    const button = page.getByRole('button', { name: 'Show documents' });
    await button.click();
    await page.getByRole('dialog', { name: 'Documents' }).getByRole('link').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });
});
