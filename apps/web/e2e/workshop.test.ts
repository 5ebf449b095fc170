import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeRunner, startFakeRunner } from './fake-runner.test-support.ts';
import { eventually, type Harness, sharedHarness } from './harness.test-support.ts';
import { INVALID_VERDICT } from './workshop-fixtures.test-support.ts';

let harness: Harness;
let runner: FakeRunner;
beforeAll(async () => {
  harness = await sharedHarness();
});
beforeEach(async () => {
  runner = await startFakeRunner();
});
afterEach(async () => {
  expect(await harness.closePages()).toEqual([]);
  await runner.close();
});
afterAll(() => harness.close());

const LAB = '/labs/rest-vs-grpc';

const open = (path: string, options?: BrowserContextOptions): Promise<Page> => harness.open(path, options, runner.serve);

async function predict(page: Page): Promise<void> {
  await page.getByLabel('2 to 5 times as many').check();
  await page.getByLabel('Why?').fill('Binary beats text');
  await page.getByRole('button', { name: 'Commit the prediction' }).click();
  await page
    .getByText('“Binary beats text”')
    .or(page.locator('q', { hasText: 'Binary beats text' }))
    .first()
    .waitFor();
}

/** The id of the element that has the focus. */
const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);

async function run(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'Stop' }).waitFor();
}

describe('a lesson', () => {
  it('shows the tasks with their progress, and continues where the learner was', async () => {
    const page = await open('/workshop');
    await page.getByText('Start here').waitFor();
    expect(await page.locator('[data-task]').count()).toBe(1);
    await page.getByRole('link', { name: 'Start', exact: true }).click();
    await page.getByRole('link', { name: 'Start reading' }).click();
    await page.waitForURL('**/workshop/01/the-claim-you-probably-believe');
    await page.getByRole('navigation', { name: 'Previous and next' }).getByRole('link', { name: 'Predict' }).click();
    const heading = page.getByRole('heading', { level: 1, name: 'Predict' });
    await heading.waitFor();
    await eventually(() => heading.evaluate((element) => element === document.activeElement)).toBe(true);
    await eventually(() => runner.requests.map(({ body }) => body)).toEqual([
      { section: 'the-claim-you-probably-believe' },
      { section: 'the-claim-you-probably-believe', is_read: true },
      { section: 'predict' },
    ]);
    await eventually(() => page.getByRole('navigation', { name: 'Lesson' }).getByText('(done)').count()).toBe(1);
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Workshop' }).click();
    await page.getByText('Continue with').waitFor();
    await page.getByRole('link', { name: 'Continue' }).click();
    await page.waitForURL('**/workshop/01/predict');
  });

  it('counts a section as read when the learner scrolls to its end', async () => {
    const page = await open('/workshop/01/predict', { viewport: { width: 800, height: 500 } });
    await eventually(() => runner.requests.at(-1)?.body).toEqual({ section: 'predict' });
    await page.getByRole('navigation', { name: 'Previous and next' }).scrollIntoViewIfNeeded();
    await eventually(() => runner.requests.at(-1)?.body).toEqual({ section: 'predict', is_read: true });
  });

  it('folds the answer of a question, and links to other sections', async () => {
    const page = await open('/workshop/01/the-claim-you-probably-believe');
    const answer = page.getByText('keep-alive already avoids the handshake');
    await page.getByText('What does HTTP/2 multiplexing save').waitFor();
    expect(await answer.isVisible()).toBe(false);
    await page.getByText('Show the answer').click();
    await answer.waitFor();
    await page.locator('article').getByRole('link', { name: 'why' }).click();
    await page.waitForURL('**/workshop/01/why');
  });

  it('draws its diagrams, and leads from its commands to the lab', async () => {
    const page = await open('/workshop/01/why');
    await page.getByRole('img', { name: /^Diagram: Client to Gateway \(HTTP\/1.1\); Gateway to Transport\?/ }).waitFor();
    await page.goto(`${harness.platform.url}/workshop/01/predict`);
    await page.getByRole('img', { name: /^Sequence diagram: Client to Gateway: POST \/generate/ }).waitFor();
    await page.getByRole('link', { name: 'Run in the lab' }).click();
    await page.waitForURL(`**${LAB}#run`);
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
  });

  it('starts a question with the section as context', async () => {
    const page = await open('/workshop/01/why');
    await page.getByRole('button', { name: 'Ask about this' }).click();
    const question = page.getByLabel('Your question');
    await question.waitFor();
    expect(await question.inputValue()).toMatch(/^About “Why” in the lesson “REST vs gRPC”:\n\n> /);
    expect(await question.inputValue()).toContain('A native parser reads JSON.');
  });

  it.each([
    [{ status: 403, code: 'LABS_DISABLED', message: 'The workshop is off.' }, 'LABS=on ./prodigon start'],
    [{ status: 503, code: 'SERVICE_UNAVAILABLE', message: 'Not now.' }, './prodigon status'],
  ])('says what to do after %j, and recovers', async (failure, advice) => {
    runner.failWith(failure);
    const page = await open('/workshop');
    await page.getByText(advice).waitFor();
    runner.failWith(null);
    await page.getByRole('button', { name: 'Retry now' }).click();
    await page.getByText('Start here').waitFor();
  });
});

describe('a lab', () => {
  it('asks for a prediction before it runs, shows each block, and ends with a verdict', async () => {
    const page = await open(LAB);
    const start = page.getByRole('button', { name: 'Run', exact: true });
    await start.waitFor();
    expect(await start.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Commit the prediction' }).click();
    await page.getByText('Give a reason').waitFor();
    await predict(page);
    await run(page);
    // As on the command line, a run is not quick by default.
    expect(runner.requests.at(-1)?.body).toMatchObject({ quick: false });
    await page.getByText('Locked before the first request').waitFor();
    runner.measureBlock();
    runner.measureBlock();
    await page.getByText('Block 2 of 10').waitFor();
    await page.getByRole('img', { name: /gRPC: 1,\d+ on average over 2 blocks/ }).waitFor();
    runner.completeRun();
    const card = page.locator('[data-verdict="REFUTED"]');
    await card.getByText('Your prediction: REFUTED').waitFor();
    await card.getByText('768 floats').waitFor();
    expect(await card.getByRole('img').getAttribute('aria-label')).toContain('0.54×');
    await eventually(() => runner.openStreams()).toBe(0);
    await page.getByRole('button', { name: 'Show table' }).click();
    await eventually(() => page.getByRole('group', { name: 'Requests a second by block' }).getByRole('row').count()).toBe(11);
  });

  it('says after an invalid run what to do, and whose recorded runs it lists', async () => {
    const page = await open(LAB);
    await predict(page);
    await run(page);
    runner.completeRun(INVALID_VERDICT);
    const card = page.locator('[data-verdict="INVALID"]');
    await card.getByText('close other programs').waitFor();
    await card.getByText('This run decides nothing about your prediction').waitFor();
    await card.getByText('The authors of the workshop recorded these runs').waitFor();
    await card.getByRole('button', { name: 'Run again' }).click();
    await eventually(() => focused(page)).toBe('run');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Workshop' }).click();
    await page.getByText('0 of 3 checks pass · no valid verdict').waitFor();
  });

  it('moves the focus to what comes next when its control disappears', async () => {
    const page = await open(LAB);
    await page.getByLabel('2 to 5 times as many').check();
    await page.getByLabel('Why?').fill('Binary beats text');
    await page.getByRole('button', { name: 'Commit the prediction' }).press('Enter');
    await eventually(() => focused(page)).toBe('run');
    await page.getByRole('button', { name: 'Run', exact: true }).press('Enter');
    await eventually(() => focused(page)).toBe('progress');
    expect(await page.getByRole('status').allTextContents()).toContain('Starting the platforms');
    runner.completeRun();
    await eventually(() => focused(page)).toBe('result');
    await page.getByRole('button', { name: 'Predict again' }).press('Enter');
    await eventually(() => focused(page)).toBe('predict');
    await page.getByRole('button', { name: 'Start the exercise' }).press('Enter');
    await eventually(() => focused(page)).toBe('run-checks');
    await page.keyboard.press('Enter');
    await page.getByText('0 of 3 checks done').waitFor();
    expect(await focused(page)).toBe('run-checks');
    runner.completeChecks({ deadline: 'failed' });
    for (const level of [1, 2, 3]) {
      await page.getByRole('button', { name: `Show hint ${level} of 3` }).press('Enter');
      await eventually(() => focused(page)).toBe(`hint-deadline-${level}`);
    }
  });

  it('catches up after a lost connection, and closes its stream when the learner leaves', async () => {
    const page = await open(LAB);
    await predict(page);
    await run(page);
    await eventually(() => runner.openStreams()).toBe(1);
    runner.breakStreams();
    runner.measureBlock();
    await page.getByText('Block 1 of 10').first().waitFor();
    await eventually(() => runner.openStreams()).toBe(1);
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Jobs' }).click();
    await eventually(() => runner.openStreams()).toBe(0);
  });

  it('stops a run, and keeps what it measured', async () => {
    const page = await open(LAB);
    await predict(page);
    await run(page);
    runner.measureBlock();
    await page.getByText('Block 1 of 10').first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('The run was stopped').waitFor();
    await page.getByRole('img', { name: /over 1 blocks/ }).waitFor();
  });

  it('compares two runs, and exports the run of a permanent page', async () => {
    runner.addRun(7);
    const latest = runner.addRun(8);
    const page = await open(LAB);
    await page.getByRole('checkbox', { name: /Overlay/ }).check();
    await page.waitForURL('**?overlay=*');
    await page.getByRole('columnheader', { name: 'Other run' }).waitFor();
    await page.locator(`tr[data-run="${latest.id}"]`).getByRole('link').click();
    await page.waitForURL(`**${LAB}/runs/${latest.id}`);
    await page.getByRole('heading', { name: 'Setup' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export JSON' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`rest-vs-grpc-${latest.id}.json`);
  });

  it('never scrolls sideways on a phone, also with several runs', async () => {
    runner.addRun(7);
    runner.addRun(8);
    const page = await open(LAB, { viewport: { width: 390, height: 844 } });
    await page.getByRole('checkbox', { name: /Overlay/ }).waitFor();
    const scroller = page.locator('.overflow-y-auto', { has: page.getByRole('heading', { level: 1 }) });
    expect(await scroller.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  });

  it.each(['predict', 'run'])('keeps the bars of a phone in place at the part #%s', async (part) => {
    const page = await open(`${LAB}#${part}`, { viewport: { width: 390, height: 844 } });
    await eventually(() => focused(page)).toBe(part);
    expect(
      await page.evaluate(() => {
        document.documentElement.scrollTop = 100;
        document.body.scrollTop = 100;
        return [document.documentElement.scrollTop, document.body.scrollTop];
      }),
    ).toEqual([0, 0]);
  });

  it('shows the sequence diagram of a failing check, its hints, and the difference from the starter', async () => {
    const page = await open(`${LAB}#checks`);
    await page.getByRole('button', { name: 'Start the exercise' }).click();
    await page.getByRole('button', { name: 'Run all checks' }).click();
    await page.getByText('0 of 3 checks done').waitFor();
    runner.completeChecks({ deadline: 'failed' });
    // Its failure opens directly below a check.
    const failed = page
      .locator('[data-check="deadline"]')
      .getByRole('region', { name: 'Failed check: a deadline aborts the model' });
    await failed.getByRole('img', { name: /^Sequence diagram of client, your adapter, model; 5 events/ }).waitFor();
    await failed.getByText('produced 148 tokens').waitFor();
    await page.getByText('2 of 3 pass').waitFor();
    for (const level of [1, 2, 3]) {
      await failed.getByRole('button', { name: `Show hint ${level} of 3` }).click();
      const hint = failed.getByRole('listitem').filter({ hasText: `Hint ${level} about deadline` });
      await hint.locator('code', { hasText: /^deadline$/ }).waitFor();
    }
    expect(await failed.getByRole('button', { name: /Show hint/ }).count()).toBe(0);
    await failed.getByRole('button', { name: 'Use the solution' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Use the solution' }).click();
    await eventually(() => runner.requests.at(-1)?.operation).toBe('applySolution');
    const title = page.getByRole('button', { name: 'a deadline aborts the model', exact: true });
    await title.click();
    await failed.waitFor({ state: 'detached' });
    await title.click();
    await failed.waitFor();
    await page.getByRole('button', { name: 'Compare with starter' }).click();
    const dialog = page.getByRole('dialog', { name: 'Your copy and the starter' });
    await dialog.getByText('{ deadline }').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Run the check: a deadline aborts the model' }).click();
    await eventually(() => runner.requests.at(-1)?.body.only).toEqual(['deadline']);
    runner.completeChecks();
    await page.getByText('3 of 3 pass').waitFor();
    await failed.waitFor({ state: 'detached' });
  });

  it('reports a lab and a run that do not exist', async () => {
    const page = await open('/labs/nothing');
    await page.getByRole('heading', { name: 'Lab not found' }).waitFor();
    await page.goto(`${harness.platform.url}${LAB}/runs/nothing`);
    await page.getByRole('heading', { name: 'Lab not found' }).waitFor();
  });
});
