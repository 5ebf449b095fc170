import { createApiClient } from '@prodigon/api-client';
import { type CreateJobRequestInput, JOB_STATUS_LABELS, type Job, type JobItemStatus, type JobStatus } from '@prodigon/contracts';
import type { Locator, Page } from 'playwright-core';

/** Returns the name of a simulated model with these parameters. By default it responds immediately with five tokens. */
export function simulated(settings: Record<string, string | number> = {}): string {
  const all = { ttft_ms: 0, tokens_per_s: 100_000, tokens: 5, ...settings };
  return `prodigon-sim?${Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .join('&')}`;
}

export const questions = (count: number): string[] => Array.from({ length: count }, (_, index) => `Question ${index + 1}?`);

/** Submits a job through the API. */
export function submit(url: string, request: Partial<CreateJobRequestInput> & { name: string }): Promise<Job> {
  return createApiClient({ baseUrl: url }).jobs.submit({ prompts: questions(3), model: simulated(), ...request });
}

/** Chooses a model string in the form, which may have parameters. */
export async function chooseModel(page: Page, model: string): Promise<void> {
  await page.getByRole('button', { name: /^Model:/ }).click();
  const filter = page.getByRole('combobox', { name: 'Filter models' });
  await filter.fill(model);
  await filter.press('Enter');
}

export async function paste(page: Page, text: string): Promise<void> {
  await page.getByLabel('Prompts, one per line').fill(text);
}

/** Waits until the open job page shows this status. */
export async function untilJobIs(page: Page, status: JobStatus): Promise<void> {
  await page.locator('header h1 + div').getByText(JOB_STATUS_LABELS[status], { exact: true }).waitFor();
}

/** Opens a tab of the open job page. */
export async function openTab(page: Page, name: 'Prompts' | 'Timeline' | 'Options'): Promise<void> {
  await page.getByRole('navigation', { name: 'Job' }).getByRole('link', { name }).click();
}

/** Returns the row of a prompt, counted from 1, optionally only in this status. */
export function promptRow(page: Page, number: number, status?: JobItemStatus): Locator {
  return page.locator(`tr[data-item="${number - 1}"]${status ? `[data-status="${status}"]` : ''}`);
}

/** Returns the number of prompts that the legend of the progress bar shows for a segment. */
export async function countOf(page: Page, segment: string): Promise<number> {
  const legend = await page
    .getByRole('listitem')
    .filter({ hasText: new RegExp(`^[\\d,]+ ${segment}$`) })
    .textContent();
  return Number(legend?.replaceAll(',', '').split(' ')[0]);
}
