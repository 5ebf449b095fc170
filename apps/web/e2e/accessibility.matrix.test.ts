import { AxeBuilder } from '@axe-core/playwright';
import type { ConversationMessage, MessageStatus } from '@prodigon/contracts/conversations';
import { matrixOf } from '@prodigon/testing';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, openPicker, turnIn } from './chat.test-support.ts';
import { sse, withConversations } from './fake-conversations.test-support.ts';
import { withKeys } from './fake-keys.test-support.ts';
import { startFakeRunner } from './fake-runner.test-support.ts';
import { type Harness, sharedHarness } from './harness.test-support.ts';
import { paste, questions, simulated, submit, untilJobIs } from './jobs.test-support.ts';
import { optionsOf, SCREENS, type Screen, showOn } from './screens.test-support.ts';
import { withModels, withUsage } from './stubbed-responses.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

const DESKTOP_LIGHT = { name: 'desktop light', screens: [SCREENS.desktopLight] };
const MOBILE_DARK = { name: 'mobile dark', screens: [SCREENS.mobileDark] };
const OTHERS = { name: 'desktop dark and mobile light', screens: [SCREENS.desktopDark, SCREENS.mobileLight] };

const ALL = [DESKTOP_LIGHT, MOBILE_DARK, OTHERS];

/**
 * The screens of a group of tests. A test loads a page on the first screen of a cell and then shows it on the second one.
 * A scan costs more CPU time than most tests, so `npm test` tests the pages that people see most on one screen.
 * `test:all` adds the other pages and screens.
 */
const DARK_FIRST = matrixOf(ALL, (cell) => cell === MOBILE_DARK);
const LIGHT_FIRST = matrixOf(ALL, (cell) => cell === DESKTOP_LIGHT);
const IN_TEST_ALL = matrixOf(ALL, () => false);

/** Returns the violations on the screen that the page shows, and by how much the document or a scrolling page is too wide. */
async function violations(page: Page): Promise<string[]> {
  // Axe stays in the document, so that a second scan need not load it again.
  const isLoaded = await page.evaluate(() => 'axe' in globalThis);
  const axe = new AxeBuilder({ page, ...(isLoaded && { axeSource: ';' }) });
  const { violations } = await axe
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'] })
    .analyze();
  // Not `innerWidth`, which grows with the content on a phone.
  const overflow = await page.evaluate(() => {
    const scrollers = [document.documentElement, ...document.querySelectorAll('.overflow-y-auto')];
    return Math.max(...scrollers.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth));
  });
  return [
    ...violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`)),
    ...(overflow > 0 ? [`the page overflows by ${overflow} px`] : []),
  ];
}

/** Returns the violations on each of the screens. */
async function violationsOn(screens: readonly Screen[], page: Page): Promise<string[]> {
  const all: string[] = [];
  for (const screen of screens) {
    await showOn(page, screen);
    all.push(...(await violations(page)).map((violation) => `${screen.name}: ${violation}`));
  }
  return all;
}

const RICH = [
  '# Heading\n\nText with a [link](/read/README.md), `code` and <i>markup</i>.',
  '| a | b |\n|---|--:|\n| 1 | 2 |',
  '- [x] done\n- [ ] open\n\n> quote\n\n![remote](https://pictures.example/a.png)',
  '```ts\n// comment\nexport const result: number = await ask("why", 42);\n```',
].join('\n\n');

const FALLBACK = sse('fallback', { from: 'canned', to: 'other', reason: 'RATE_LIMITED' });
const PROVIDERS = {
  locked: null,
  providers: [
    {
      ...{ name: 'acme', source: null, has_key: false, base_url: null },
      ...{ key_variable: 'ACME_API_KEY', base_url_variable: 'ACME_BASE_URL' },
    },
  ],
};
const DONE = { finish_reason: 'length', ttft_ms: 1, latency_ms: 2, model: 'other', provider: 'p', attempts: 2 };
const COUNTS = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const USAGE = { ...COUNTS, estimated: true, cost_usd: 0.00012 };
const ERROR = { code: 'PROVIDER_KEY_REFUSED', message: "The provider refused the platform's key.", retryable: false } as const;

/** The events after the text, and the message as it is stored. */
const ENDINGS: readonly { state: MessageStatus; events: string; message: Partial<ConversationMessage> }[] = [
  {
    state: 'done',
    events: FALLBACK + sse('token', RICH) + sse('usage', USAGE) + sse('done', DONE),
    message: { usage: COUNTS, estimated: true, cost_usd: 0.00012, finish_reason: 'length', ttft_ms: 1, latency_ms: 2 },
  },
  {
    state: 'interrupted',
    events: sse('token', RICH) + sse('error', { code: 'RESPONSE_INTERRUPTED', message: 'Interrupted.', retryable: true }),
    message: {},
  },
  { state: 'stopped', events: sse('token', RICH) + sse('done', { ...DONE, finish_reason: 'stopped' }), message: {} },
  { state: 'failed', events: sse('token', RICH) + sse('error', ERROR), message: { error: ERROR } },
];

describe.each(DARK_FIRST)('$name', ({ screens }) => {
  it('the empty chat has no violations', async () => {
    const page = await harness.open('/chat');
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
  });

  it('a conversation with responses in every final state, and the list of conversations, have no violations', async () => {
    const page = await harness.open('/nowhere');
    const fake = await withConversations(page);
    fake.add('Pinned', [], { pinned: true });
    fake.add('Running', [], { generating: true });
    await page.goto(`${harness.platform.url}/chat`);
    for (const [index, { state, events, message }] of ENDINGS.entries()) {
      fake.responses.push({ events, message: { content: RICH, status: state, ...message } });
      await ask(page, `Question ${index}`);
      await turnIn(page, state, index).locator('.hljs-keyword').first().waitFor();
    }
    expect(await violationsOn(screens, page)).toEqual([]);
  });

  it.each([
    ['/read', 'article h1'],
    ['/read/docs/guide/01-rest-vs-grpc.md', 'article h1'],
    ['/dashboard', '[data-service="model"]'],
    ['/nowhere', 'h1'],
  ])('%s has no violations', async (path, landmark) => {
    const page = await harness.open(path);
    await page.locator(landmark).first().waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
  });
});

describe.each(IN_TEST_ALL)('models and usage: $name', ({ screens }) => {
  it('the model picker has no violations with models in every state and an unreachable provider', async () => {
    const page = await harness.open('/dashboard');
    await withModels(page);
    await page.goto(`${harness.platform.url}/chat`);
    const picker = await openPicker(page);
    for (const screen of screens) {
      await showOn(page, screen);
      // A phone shows the models in a new sheet, with an empty filter.
      await picker.getByText('Could not list models from elsewhere').waitFor();
      expect(await violations(page)).toEqual([]);
      await picker.getByRole('combobox').fill('nothing like it');
      await picker.getByText('No matching models').waitFor();
      expect(await violations(page)).toEqual([]);
    }
  });

  it('the settings have no violations with an invalid field', async () => {
    const page = await harness.open('/dashboard');
    await withModels(page);
    await page.goto(`${harness.platform.url}/settings/models`);
    await page.locator('[data-health="unavailable"]').waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    await page.getByLabel('Temperature', { exact: true }).fill('9');
    await page.getByText('Not saved:').waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
  });

  it('the other settings have no violations, nor does the form of a provider', async () => {
    const page = await harness.open('/dashboard');
    await page.route('**/api/v1/providers', (route) => route.fulfill({ json: PROVIDERS }));
    await page.goto(`${harness.platform.url}/settings/providers`);
    await page.getByRole('button', { name: 'Set up acme' }).click();
    expect(await violationsOn(screens, page)).toEqual([]);
    for (const name of ['Appearance', 'Data', 'Shortcuts']) {
      await page.getByRole('link', { name }).click();
      await page.waitForURL(`**/settings/${name.toLowerCase()}`);
      expect(await violationsOn(screens, page)).toEqual([]);
    }
  });

  it('the API keys have no violations as a list, in each dialog and with a banner', async () => {
    const page = await harness.open('/dashboard');
    const fake = await withKeys(page);
    await page.goto(`${harness.platform.url}/settings/keys`);
    await page.getByLabel('Show invalid keys').check();
    const dialog = page.getByRole('dialog');
    expect(await violationsOn(screens, page)).toEqual([]);
    await page.getByRole('button', { name: 'Create key' }).click();
    await dialog.getByLabel('Only selected models').check();
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await dialog.getByText('Must not be empty').waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    await dialog.getByLabel('Name').fill('new');
    await dialog.getByLabel('All models').check();
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await dialog.getByRole('button', { name: 'Copy key' }).waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Rotate laptop' }).click();
    expect(await violationsOn(screens, page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: 'Revoke laptop' }).click();
    await page.getByText('laptop was revoked.').waitFor();
    fake.failure = { status: 429, code: 'BUDGET_EXHAUSTED', message: 'The budget of the key "ci" is used up.' };
    await page.getByRole('button', { name: 'Revoke new' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).first().waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
  });

  it('the usage by key has no violations', async () => {
    const page = await harness.open('/dashboard');
    await withKeys(page);
    const owner_id = 'local';
    await withUsage(page, 3, [
      { owner_id, key_id: '1', key_name: 'a key' },
      { owner_id, key_id: null, key_name: null },
    ]);
    await page.goto(`${harness.platform.url}/usage?by=key&owner=*`);
    await page.getByRole('img', { name: /Requests by day and key/ }).waitFor();
    await page.getByRole('combobox', { name: 'Owner' }).waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
  });

  it('the usage page has no violations as a chart, as a table, when empty and when loading fails', async () => {
    const page = await harness.open('/dashboard');
    await withUsage(page, 7);
    await page.goto(`${harness.platform.url}/usage`);
    await page.getByRole('img', { name: /Requests by day/ }).waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    await page.getByRole('button', { name: 'Show table' }).click();
    expect(await violationsOn(screens, page)).toEqual([]);

    await page.unroute('**/api/v1/usage?*');
    await withUsage(page, 0);
    await page.reload();
    await page.getByText('No requests in this period').waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);

    await page.unroute('**/api/v1/usage?*');
    await page.route('**/api/v1/usage?*', (route) => route.fulfill({ status: 503, body: '' }));
    await page.reload();
    await page.getByText('Could not load usage').waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
  });
});

describe.each(LIGHT_FIRST)('jobs: $name', ({ screens }) => {
  const quick = simulated();
  const slow = simulated({ ttft_ms: 20_000 });
  const failing = simulated({ fault: 'error_after', after: 0 });

  it.each([
    ['running', slow, 'prompts', 'Running'],
    ['completed', quick, 'timeline', 'All 3 succeeded prompts'],
    ['failed', failing, 'prompts', 'Failed'],
  ] as const)('the page of a %s job has no violations', async (state, model, tab, text) => {
    const job = await submit(harness.platform.url, { name: `Accessible ${state} job`, model, prompts: questions(3) });
    const page = await harness.open(`/jobs/${job.job_id}?open=0&tab=${tab}`);
    await untilJobIs(page, state);
    await page
      .locator(tab === 'prompts' ? 'tr[data-item="0"]' : 'main')
      .getByText(text)
      .first()
      .waitFor({ state: 'attached' });
    expect(await violationsOn(screens, page)).toEqual([]);
  });

  it('the list of jobs in these states has no violations', async () => {
    const page = await harness.open('/jobs?q=accessible');
    for (const state of ['running', 'completed', 'failed'])
      await page
        .getByRole('link', { name: `Accessible ${state} job` })
        .first()
        .waitFor();
    await page.getByLabel('Select all jobs on this page').check();
    expect(await violationsOn(screens, page)).toEqual([]);
  });
});

describe.each(IN_TEST_ALL)('the forms of jobs: $name', ({ screens }) => {
  it('the new job form has no violations with invalid lines and an invalid option', async () => {
    const page = await harness.open('/jobs/new');
    await paste(page, '"Fine?"\n{"prompt":""}\nodd');
    await page.getByLabel('Temperature', { exact: true }).fill('9');
    await page.getByRole('region', { name: '2 invalid lines' }).waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
  });

  it('the dialog that confirms a cancellation has no violations', async () => {
    const job = await submit(harness.platform.url, { name: 'To be cancelled', model: simulated({ ttft_ms: 20_000 }) });
    const page = await harness.open(`/jobs/${job.job_id}`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog', { name: 'Cancel this job?' }).waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
  });
});

describe.each(IN_TEST_ALL)('the lessons: $name', ({ screens }) => {
  it('its pages have no violations', async () => {
    const runner = await startFakeRunner();
    const page = await harness.open('/nowhere', {}, runner.serve);
    for (const [path, text] of [
      ['/workshop', 'Start here'],
      ['/workshop/01', 'Goals'],
      ['/workshop/01/the-claim-you-probably-believe', 'Show the answer'],
      ['/workshop/01/predict', 'Run in the lab'],
      ['/workshop/01/why', 'The mechanism'],
    ] as const) {
      await page.goto(harness.platform.url + path);
      await page.locator('main').getByText(text).waitFor();
      expect(await violationsOn(screens, page)).toEqual([]);
    }
    await runner.close();
  });
});

describe.each(DARK_FIRST)('the workshop: $name', ({ screens }) => {
  it('the lab has no violations before, during and after a run, with a failed check', async () => {
    const runner = await startFakeRunner();
    const page = await harness.open('/labs/rest-vs-grpc', {}, runner.serve);
    await page.getByRole('button', { name: 'Commit the prediction' }).click();
    await page.getByText('Give a reason').waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    await page.getByLabel('About half as many').check();
    await page.getByLabel('Why?').fill('The parser is native');
    await page.getByRole('button', { name: 'Commit the prediction' }).click();
    await page.getByRole('button', { name: 'Predict again' }).waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    runner.measureBlock();
    await page.getByText('Block 1 of 10').first().waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    runner.completeRun();
    await page.locator('[data-verdict]').waitFor();
    await page.getByRole('button', { name: 'Start the exercise' }).click();
    await page.getByRole('button', { name: 'Run all checks' }).click();
    await page.getByText('0 of 3 checks done').waitFor();
    runner.completeChecks({ deadline: 'failed' });
    await page.getByRole('button', { name: 'Show hint 1 of 3' }).click();
    await page.getByText('Hint 1 about').waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    await page.getByRole('button', { name: 'Compare with starter' }).click();
    await page.getByRole('dialog').getByText('adapter.ts').first().waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('tr[data-run] a').first().click();
    await page.getByRole('heading', { name: 'Setup' }).waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    await runner.close();
  });
});

describe.each(IN_TEST_ALL)('the parts of the chat: $name', ({ screens }) => {
  it('the menu, the dialogs, the editor, the search and the archive have no violations', async () => {
    const page = await harness.open('/nowhere');
    const fake = await withConversations(page);
    const { id } = fake.add('A conversation', ['What is a lease?', 'A promise with an end.']);
    await page.goto(`${harness.platform.url}/chat/${id}`);
    const actions = page.getByRole('button', { name: 'Conversation actions' });
    await actions.click();
    await page.getByRole('menuitem', { name: 'Rename' }).waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    await page.getByRole('menuitem', { name: 'System prompt and options' }).click();
    await page.getByRole('dialog').getByLabel('Temperature').fill('9');
    expect(await violationsOn(screens, page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await actions.click();
    await page.getByRole('menuitem', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Create link' }).waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Edit question' }).click();
    await page.getByRole('button', { name: 'Save & rerun' }).waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByLabel('Your question').press('/');
    await page.getByRole('dialog').getByText('No templates yet.').waitFor();
    expect(await violationsOn(screens, page)).toEqual([]);
  });
});

describe.each(matrixOf(['a phone'], () => true))('the document navigation on %s', () => {
  it('opens as a drawer without violations, closes on Escape and returns the focus', async () => {
    const page = await harness.open('/read', optionsOf(SCREENS.mobileLight));
    const button = page.getByRole('button', { name: 'Show documents' });
    await button.click();
    await page.getByRole('dialog', { name: 'Documents' }).getByRole('link').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });
});
