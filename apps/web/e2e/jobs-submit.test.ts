import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually, type Harness, startHarness } from './harness.test-support.ts';
import { chooseModel, openTab, paste, promptRow, questions, simulated, submit, untilJobIs } from './jobs.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

const jobs = () => createApiClient({ baseUrl: harness.platform.url }).jobs;

/** Returns a function that counts the job submissions of the page. */
function countSubmissions(page: Page): () => number {
  let count = 0;
  page.on('request', (request) => {
    if (request.method() === 'POST' && /\/api\/v1\/jobs(\?|$)/.test(request.url())) count += 1;
  });
  return () => count;
}

describe('a first visit', () => {
  it('runs a sample job with one click and shows it in the job list', async () => {
    const page = await harness.open('/jobs');
    await page.getByRole('button', { name: 'Run a sample job' }).click();
    await untilJobIs(page, 'running');
    await page.getByRole('progressbar').waitFor();
    await untilJobIs(page, 'completed');
    await page.getByText('96 of 96 prompts succeeded', { exact: true }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('link', { name: 'Sample: distributed systems terms' }).waitFor();
  });
});

describe('pasted prompts', () => {
  it('validates pasted prompts line by line before it submits them', async () => {
    const page = await harness.open('/jobs/new');
    const submissions = countSubmissions(page);
    await chooseModel(page, simulated());
    await paste(
      page,
      '{"prompt":"First?","custom_id":"one"}\n{"prompt":" "}\n{"promt":"Second?"}\n{"prompt":"Third?","custom_id":"one"}',
    );
    const invalidLines = page.getByRole('region', { name: '3 invalid lines' });
    await invalidLines.getByRole('row', { name: /^2 prompt: Must not be blank/ }).waitFor();
    await invalidLines.getByRole('row', { name: /^3 prompt: Is missing/ }).waitFor();
    await invalidLines.getByRole('row', { name: /^4 custom_id: Is the same as in line 1/ }).waitFor();
    await page.getByRole('button', { name: 'Submit' }).click();
    expect(
      await page.getByRole('region', { name: 'Line errors' }).evaluate((element) => element === document.activeElement),
    ).toBe(true);
    expect(submissions()).toBe(0);

    await page.getByRole('button', { name: 'Remove invalid lines' }).click();
    await page.getByRole('button', { name: 'Submit 1 prompt' }).click();
    await untilJobIs(page, 'completed');
    expect(submissions()).toBe(1);
    await promptRow(page, 1).getByText('one', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Prompt 1' }).click();
    await page.getByRole('region', { name: 'Response' }).getByText(/\w+/).first().waitFor();
  });

  it('submits prompts that exceed the limit of one request as a file', async () => {
    const page = await harness.open('/jobs/new');
    await chooseModel(page, simulated());
    await page.getByLabel('Name').fill('Many');
    await paste(page, questions(240).join('\n\n'));
    await page.getByText('and 235 more').waitFor();
    await page.getByRole('button', { name: 'Submit 240 prompts' }).click();
    await page.getByText('240 of 240 prompts succeeded', { exact: true }).waitFor();
    await openTab(page, 'Timeline');
    expect(await page.getByRole('list', { name: 'Outcomes' }).textContent()).toMatch(/^\s*Succeeded$/);
    await page
      .getByRole('img', { name: /^Attempts by worker/ })
      .getByTitle(/: succeeded/)
      .first()
      .waitFor();
    await openTab(page, 'Prompts');
    await promptRow(page, 50).scrollIntoViewIfNeeded();
    const heads = [page.getByRole('navigation', { name: 'Job' }), page.locator('thead')];
    expect(await Promise.all(heads.map(async (head) => (await head.boundingBox())?.y))).toEqual([0, 48]);
    await page.getByRole('button', { name: 'Next' }).click();
    await promptRow(page, 51).waitFor();
    await page.reload();
    await promptRow(page, 51).waitFor();
    await page.getByRole('button', { name: 'Previous' }).click();
    await promptRow(page, 1).waitFor();
  });

  it('submits one job on a double click', async () => {
    const page = await harness.open('/jobs/new');
    await chooseModel(page, simulated());
    await page.getByLabel('Name').fill('Twice');
    await paste(page, 'Once?');
    await page.getByRole('button', { name: 'Submit 1 prompt' }).dblclick();
    await untilJobIs(page, 'completed');
    expect((await jobs().list({ q: 'Twice' })).jobs).toHaveLength(1);
  });

  it('submits one job when the response to the first request is lost', async () => {
    const page = await harness.open('/jobs/new');
    await page.route(/\/api\/v1\/jobs$/, async (route) => {
      await route.fetch();
      await route.abort();
    });
    await chooseModel(page, simulated());
    await page.getByLabel('Name').fill('Unheard');
    await paste(page, 'Once?');
    await page.getByRole('button', { name: 'Submit 1 prompt' }).click();
    await page.getByText('Could not submit the job').waitFor();
    await page.reload();
    await page.unroute(/\/api\/v1\/jobs$/);
    await page.getByRole('button', { name: 'Submit 1 prompt' }).click();
    await untilJobIs(page, 'completed');
    expect((await jobs().list({ q: 'Unheard' })).jobs).toHaveLength(1);
  });

  it('keeps prompts and options across a reload', async () => {
    const page = await harness.open('/jobs/new');
    await paste(page, 'Half a thought');
    await page.getByLabel('Priority').fill('7');
    await page.reload();
    expect(await page.getByLabel('Prompts, one per line').inputValue()).toBe('Half a thought');
    expect(await page.getByLabel('Priority').inputValue()).toBe('7');
  });

  it('does not submit an option that the API would reject', async () => {
    const page = await harness.open('/jobs/new');
    const submissions = countSubmissions(page);
    await paste(page, 'Why?');
    await page.getByText('1 valid prompt', { exact: true }).waitFor();
    const temperature = page.getByLabel('Temperature', { exact: true });
    await temperature.fill('3');
    await page.getByRole('button', { name: 'Submit 1 prompt' }).click();
    expect(await temperature.getAttribute('aria-invalid')).toBe('true');
    expect(await temperature.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(submissions()).toBe(0);
  });

  it('shows the line numbers of prompts that the server rejects', async () => {
    const page = await harness.open('/jobs/new');
    await page.route(/\/api\/v1\/jobs$/, (route) =>
      route.fulfill({
        status: 422,
        contentType: 'application/json',
        body: JSON.stringify({
          error: {
            code: 'VALIDATION_ERROR',
            message: 'A prompt does not fit.',
            request_id: 'r',
            details: [{ path: 'prompts[1]', message: 'Not this one' }],
          },
        }),
      }),
    );
    await paste(page, 'First?\n\nSecond?');
    await page.getByRole('button', { name: 'Submit 2 prompts' }).click();
    const rejectedLines = page.getByRole('region', { name: 'Lines rejected by the server' });
    await rejectedLines.getByRole('row', { name: '3 prompt: Not this one' }).waitFor();
  });
});

describe('a prompt file', () => {
  const csv = (count: number) =>
    `custom_id,prompt\n${questions(count)
      .map((text, index) => `row-${index},"${text}, please"`)
      .join('\n')}\n`;
  const fileOf = (name: string, text: string) => ({ name, mimeType: '', buffer: Buffer.from(text) });

  it('validates and submits a prompt file with its custom ids', async () => {
    const page = await harness.open('/jobs/new');
    await chooseModel(page, simulated());
    await page.getByLabel('Prompt file').setInputFiles(fileOf('questions.csv', csv(130)));
    await page.getByText('questions.csv').waitFor();
    await page.getByText('130 valid prompts', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Submit 130 prompts' }).click();
    await untilJobIs(page, 'completed');
    await promptRow(page, 3).getByText('row-2').waitFor();
    await promptRow(page, 3).getByText('Question 3?, please').waitFor();
  });

  it('does not submit a prompt file with invalid lines', async () => {
    const page = await harness.open('/jobs/new');
    const submissions = countSubmissions(page);
    await page.getByLabel('Prompt file').setInputFiles(fileOf('bad.jsonl', '"Fine?"\nodd\n"Fine, too?"\n'));
    await page.getByRole('region', { name: '1 invalid line' }).getByRole('row', { name: /^2 / }).waitFor();
    await page.getByRole('button', { name: 'Submit' }).click();
    expect(submissions()).toBe(0);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByLabel('Prompts, one per line').waitFor();
  });

  it('rejects a file of an unsupported type and lists the supported types', async () => {
    const page = await harness.open('/jobs/new');
    await page.getByLabel('Prompt file').setInputFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('x') });
    await page.getByText('Choose a .jsonl, .csv or .txt file.').waitFor();
  });

  it('accepts a prompt file that the user drops onto the form', async () => {
    const page = await harness.open('/jobs/new');
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['One?\nTwo?\n'], 'dropped.txt', { type: 'text/plain' }));
      return transfer;
    });
    const target = page.getByLabel('Prompts, one per line');
    await target.dispatchEvent('dragover', { dataTransfer: data });
    await target.dispatchEvent('drop', { dataTransfer: data });
    await page.getByText('dropped.txt').waitFor();
    await page.getByText('2 valid prompts', { exact: true }).waitFor();
  });

  it('validates 50,000 lines without blocking the web UI', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-upload-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'large.csv'), csv(50_000));
    const page = await harness.open('/jobs/new');
    // The progress text changes only while the main thread is free. The observer records even texts that never get painted.
    const recorded = await page.evaluateHandle(() => {
      const texts: string[] = [];
      const record = () => texts.push(...(document.body.textContent?.match(/Validating… [\d,]+ lines so far/g) ?? []));
      new MutationObserver(record).observe(document.body, { subtree: true, childList: true, characterData: true });
      return texts;
    });
    await page.getByLabel('Prompt file').setInputFiles(join(directory, 'large.csv'));
    await page.getByText('50,000 valid prompts', { exact: true }).waitFor();
    expect(new Set(await recorded.jsonValue()).size).toBeGreaterThan(1);
  });
});

describe('a cloned job', () => {
  it('fills the form with the prompts and options of the cloned job', async () => {
    const model = simulated({ tokens: 7 });
    const { job_id } = await submit(harness.platform.url, { name: 'Original', model, priority: 4, prompts: questions(3) });
    const page = await harness.open(`/jobs/${job_id}`);
    await page.getByRole('link', { name: 'Clone' }).click();
    await eventually(() => page.getByLabel('Prompts, one per line').inputValue()).toBe(questions(3).join('\n'));
    expect(await page.getByLabel('Name').inputValue()).toBe('Original (copy)');
    await page.getByRole('button', { name: `Model: ${model}` }).waitFor();
    expect(await page.getByLabel('Priority').inputValue()).toBe('4');
    await page.getByRole('button', { name: 'Submit 3 prompts' }).click();
    await page.getByRole('heading', { name: 'Original (copy)' }).waitFor();
    await untilJobIs(page, 'completed');
  });
});
