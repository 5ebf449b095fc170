import type { Locator, Page } from 'playwright-core';

/** Returns the path of the chat with a simulated model that has these parameters. */
export function chatWith(simulation: Record<string, string | number>): string {
  const settings = Object.entries({ ttft_ms: 0, seed: 1, ...simulation }).map(([name, value]) => `${name}=${value}`);
  return `/chat?${new URLSearchParams({ model: `prodigon-sim?${settings.join('&')}` })}`;
}

export async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel('Your question').fill(question);
  await page.getByLabel('Your question').press('Enter');
}

/** Opens the model picker and filters its models. */
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

/** Returns the turn of the conversation with this zero-based index, once it is in this state. */
export function turnIn(page: Page, state: string, index = 0): Locator {
  return page
    .getByRole('log')
    .locator('article')
    .nth(index)
    .and(page.locator(`[data-state="${state}"]`));
}

/** Returns the text content of an element, including hidden text. */
export async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? '';
}

export function responseText(turn: Locator): Locator {
  return turn.locator('.prose');
}

/** Returns the text of a response when it contains at least two words. */
export async function waitForFirstText(turn: Locator): Promise<string> {
  const text = responseText(turn);
  await text.filter({ hasText: /\S+\s+\S+/ }).waitFor();
  return textOf(text);
}
