import type { Locator, Page } from 'playwright-core';

/** A path to the chat with a simulated model that answers as described. */
export function chatWith(simulation: Record<string, string | number>): string {
  const settings = Object.entries({ ttft_ms: 0, seed: 1, ...simulation }).map(([name, value]) => `${name}=${value}`);
  return `/chat?${new URLSearchParams({ model: `prodigon-sim?${settings.join('&')}` })}`;
}

export async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel('Your question').fill(question);
  await page.getByLabel('Your question').press('Enter');
}

/** Opens the model picker and narrows it down. */
export async function openPicker(page: Page, filter = ''): Promise<Locator> {
  await page.getByRole('button', { name: /^Model:/ }).click();
  const picker = page.getByRole('dialog', { name: 'Choose a model' });
  await picker.getByRole('combobox', { name: 'Filter models' }).fill(filter);
  return picker;
}

export async function chooseModel(page: Page, model: string): Promise<void> {
  const picker = await openPicker(page, model);
  await picker.getByRole('option').filter({ hasText: model }).first().click();
  await picker.waitFor({ state: 'detached' });
}

/** The question and answer at a place of the conversation, counted from 0, in a state. */
export function turnIn(page: Page, state: string, place = 0): Locator {
  return page
    .getByRole('log')
    .locator('article')
    .nth(place)
    .and(page.locator(`[data-state="${state}"]`));
}

/** What an element says, as it stands in the document. */
export async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? '';
}

export function answerText(turn: Locator): Locator {
  return turn.locator('.prose');
}

/** The text of an answer once there is some. */
export async function firstWords(turn: Locator): Promise<string> {
  const text = answerText(turn);
  await text.filter({ hasText: /\S+\s+\S+/ }).waitFor();
  return textOf(text);
}
