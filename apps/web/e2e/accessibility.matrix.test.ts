import { AxeBuilder } from '@axe-core/playwright';
import { matrixOf } from '@prodigon/testing';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, openPicker, turnIn } from './chat.test-support.ts';
import { type Harness, SCREENS, sharedHarness } from './harness.test-support.ts';
import { paste, questions, simulated, submit, untilJobIs } from './jobs.test-support.ts';
import { withModels, withUsage } from './stubbed-responses.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

/** Tests each viewport once for the structure and each theme once for the colors. `test:all` adds the other two screens. */
const TESTED_SCREENS = matrixOf(SCREENS, ({ name }) => name === 'desktop, light' || name === 'mobile, dark');

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`));
}

/** Returns by how many pixels the document is wider than the screen. */
function horizontalOverflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

const RICH = [
  '# Heading\n\nText with a [link](/read/README.md), `code` and <i>markup</i>.',
  '| a | b |\n|---|--:|\n| 1 | 2 |',
  '- [x] done\n- [ ] open\n\n> quote\n\n![remote](https://pictures.example/a.png)',
  '```ts\n// comment\nexport const result: number = await ask("why", 42);\n```',
].join('\n\n');

function eventStream(ending: string): string {
  return `event: start\ndata: {"generation_id":"g","model":"canned","request_id":"r"}\n\nevent: token\ndata: ${JSON.stringify(RICH)}\n\n${ending}`;
}

const FALLBACK = 'event: fallback\ndata: {"from":"canned","to":"other","reason":"RATE_LIMITED"}\n\n';
const DONE = { finish_reason: 'length', ttft_ms: 1, latency_ms: 2, model: 'other', provider: 'p', attempts: 2 };
const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, estimated: true, cost_usd: 0.00012 };

const ENDINGS = [
  {
    state: 'done',
    ending: `${FALLBACK}event: usage\ndata: ${JSON.stringify(USAGE)}\n\nevent: done\ndata: ${JSON.stringify(DONE)}\n\n`,
  },
  { state: 'interrupted', ending: '' },
  {
    state: 'failed',
    ending:
      'event: error\ndata: {"code":"PROVIDER_KEY_REFUSED","message":"The provider refused the platform\'s key.","retryable":false}\n\n',
  },
];

describe.each(TESTED_SCREENS)('$name', ({ options }) => {
  it('the empty chat has no violations', async () => {
    const page = await harness.open('/chat', options);
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('a conversation with responses in every final state has no violations', async () => {
    const page = await harness.open('/chat', options);
    for (const [index, { state, ending }] of ENDINGS.entries()) {
      await page.unroute('**/generate/stream');
      await page.route('**/generate/stream', (route) =>
        route.fulfill({
          headers: { 'content-type': 'text/event-stream', 'x-prodigon-warning': 'canned will be retired on 2999-01-01.' },
          body: eventStream(ending),
        }),
      );
      await ask(page, `Question ${index}`);
      await turnIn(page, state, index).locator('.hljs-keyword').first().waitFor();
    }
    expect(await violations(page)).toEqual([]);
  });

  it.each([
    ['/read', 'article h1'],
    ['/read/docs/guide/01-rest-vs-grpc.md', 'article h1'],
    ['/dashboard', '[data-service="model"]'],
    ['/nowhere', 'h1'],
  ])('%s has no violations', async (path, landmark) => {
    const page = await harness.open(path, options);
    await page.locator(landmark).first().waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await horizontalOverflow(page)).toBeLessThanOrEqual(0);
  });
});

describe.each(TESTED_SCREENS)('models and usage: $name', ({ options }) => {
  it('the model picker has no violations with models in every state and an unreachable provider', async () => {
    const page = await harness.open('/dashboard', options);
    await withModels(page);
    await page.goto(`${harness.platform.url}/chat`);
    const picker = await openPicker(page);
    await picker.getByText('Could not list models from elsewhere').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await horizontalOverflow(page)).toBeLessThanOrEqual(0);
    await picker.getByRole('combobox').fill('nothing like it');
    await picker.getByText('No matching models').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('the settings have no violations with an invalid field', async () => {
    const page = await harness.open('/dashboard', options);
    await withModels(page);
    await page.goto(`${harness.platform.url}/settings/models`);
    await page.locator('[data-health="unavailable"]').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('Temperature').fill('9');
    await page.getByText('Not saved:').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await horizontalOverflow(page)).toBeLessThanOrEqual(0);
  });

  it('the usage page has no violations as a chart, as a table, when empty and when loading fails', async () => {
    const page = await harness.open('/dashboard', options);
    await withUsage(page, 7);
    await page.goto(`${harness.platform.url}/usage`);
    await page.getByRole('img', { name: /Requests by day/ }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show table' }).click();
    expect(await violations(page)).toEqual([]);
    expect(await horizontalOverflow(page)).toBeLessThanOrEqual(0);

    await page.unroute('**/api/v1/usage?*');
    await withUsage(page, 0);
    await page.reload();
    await page.getByText('No requests in this period').waitFor();
    expect(await violations(page)).toEqual([]);

    await page.unroute('**/api/v1/usage?*');
    await page.route('**/api/v1/usage?*', (route) => route.fulfill({ status: 503, body: '' }));
    await page.reload();
    await page.getByText('Could not load usage').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await horizontalOverflow(page)).toBeLessThanOrEqual(0);
  });
});

describe.each(TESTED_SCREENS)('jobs: $name', ({ options }) => {
  const quick = simulated();
  const slow = simulated({ ttft_ms: 20_000 });
  const failing = simulated({ fault: 'error_after', after: 0 });

  it.each([
    ['running', slow, 'Running'],
    ['completed', quick, 'Succeeded'],
    ['failed', failing, 'Failed'],
  ] as const)('the page of a %s job has no violations', async (state, model, status) => {
    const job = await submit(harness.platform.url, { name: `Accessible ${state} job`, model, prompts: questions(3) });
    const page = await harness.open(`/jobs/${job.job_id}?open=0`, options);
    await untilJobIs(page, state);
    await page.locator('tr[data-item="0"]').getByText(status).first().waitFor({ state: 'attached' });
    expect(await violations(page)).toEqual([]);
    expect(await horizontalOverflow(page)).toBeLessThanOrEqual(0);
  });

  it('the list of jobs in these states has no violations', async () => {
    const page = await harness.open('/jobs?q=accessible', options);
    for (const state of ['running', 'completed', 'failed'])
      await page
        .getByRole('link', { name: `Accessible ${state} job` })
        .first()
        .waitFor();
    await page.getByLabel('Select all jobs on this page').check();
    expect(await violations(page)).toEqual([]);
    expect(await horizontalOverflow(page)).toBeLessThanOrEqual(0);
  });

  it('the new job form has no violations with invalid lines and an invalid option', async () => {
    const page = await harness.open('/jobs/new', options);
    await paste(page, '"Fine?"\n{"prompt":""}\nodd');
    await page.getByLabel('Temperature').fill('9');
    await page.getByRole('region', { name: '2 invalid lines' }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await horizontalOverflow(page)).toBeLessThanOrEqual(0);
  });

  it('the dialog that confirms a cancellation has no violations', async () => {
    const job = await submit(harness.platform.url, { name: 'To be cancelled', model: slow });
    const page = await harness.open(`/jobs/${job.job_id}`, options);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog', { name: 'Cancel this job?' }).waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

describe.each(matrixOf(['a phone'], () => true))('the document navigation on %s', () => {
  it('opens as a drawer without violations, closes on Escape and returns the focus', async () => {
    const phone = SCREENS.find(({ name }) => name.startsWith('mobile'));
    const page = await harness.open('/read', phone?.options);
    const button = page.getByRole('button', { name: 'Show documents' });
    await button.click();
    await page.getByRole('dialog', { name: 'Documents' }).getByRole('link').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });
});
