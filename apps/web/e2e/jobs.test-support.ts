import { createApiClient } from '@prodigon/api-client';
import { type CreateJobRequestInput, JOB_STATUS_LABELS, type Job, type JobItemStatus, type JobStatus } from '@prodigon/contracts';
import type { Locator, Page } from 'playwright-core';

/** A simulated model that answers so fast, in tokens. */
export function simulated(settings: Record<string, string | number> = {}): string {
  const all = { ttft_ms: 0, tokens_per_s: 100_000, tokens: 5, ...settings };
  return `prodigon-sim?${Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .join('&')}`;
}

export const questions = (count: number): string[] => Array.from({ length: count }, (_, index) => `Question ${index + 1}?`);

/** Submits a job past the page. */
export function submit(url: string, request: Partial<CreateJobRequestInput> & { name: string }): Promise<Job> {
  return createApiClient({ baseUrl: url }).jobs.submit({ prompts: questions(3), model: simulated(), ...request });
}

/** In the form: another model string than those that are listed. */
export async function chooseModel(page: Page, model: string): Promise<void> {
  await page.getByLabel('Model', { exact: true }).selectOption({ label: 'Other model…' });
  await page.getByLabel('Model string').fill(model);
}

export async function paste(page: Page, text: string): Promise<void> {
  await page.getByLabel('Prompts, one per line').fill(text);
}

/** The open page of a job, once it is in this state. */
export async function untilJobIs(page: Page, status: JobStatus): Promise<void> {
  await page.locator('header h1 + div').getByText(JOB_STATUS_LABELS[status], { exact: true }).waitFor();
}

/** A prompt of the job, counted from 1, in whatever state or in one. */
export function promptRow(page: Page, number: number, status?: JobItemStatus): Locator {
  return page.locator(`tr[data-item="${number - 1}"]${status ? `[data-status="${status}"]` : ''}`);
}

/** How many prompts the page says are in a segment of the bar. */
export async function countOf(page: Page, segment: string): Promise<number> {
  const words = await page
    .getByRole('listitem')
    .filter({ hasText: new RegExp(`^[\\d,]+ ${segment}$`) })
    .textContent();
  return Number(words?.replaceAll(',', '').split(' ')[0]);
}
