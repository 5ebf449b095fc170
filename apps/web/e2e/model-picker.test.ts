import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, openPicker, textOf, turnIn } from './chat.test-support.ts';
import { type FaultHarness, generate, startFaultHarness } from './fault-harness.test-support.ts';
import { eventually } from './harness.test-support.ts';
import { optionsOf, SCREENS } from './screens.test-support.ts';

let harness: FaultHarness;
beforeAll(async () => {
  harness = await startFaultHarness();
});
beforeEach(() => {
  harness.provider.health = 'up';
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

const picker = (page: Page) => page.getByRole('dialog', { name: 'Choose a model' });
const opener = (page: Page) => page.getByRole('button', { name: /^Model:/ });
const modelInUrl = (page: Page) => new URL(page.url()).searchParams.get('model');

/** Returns the text of the option that Enter would select. */
async function activeOption(page: Page): Promise<string> {
  const id = await page.getByRole('combobox', { name: 'Filter models' }).getAttribute('aria-activedescendant');
  return textOf(page.locator(`[id="${id}"]`));
}

describe('the model picker', () => {
  it('shows the description, price and context size of each model', async () => {
    const page = await harness.open('/chat');
    await openPicker(page, 'healthy');
    const option = picker(page).getByRole('option').filter({ hasText: 'Responds normally' });
    const text = await textOf(option);
    expect(text).toContain('$0.15 in / $0.60 out per M tokens');
    expect(text).toContain('131,072-token context');
  });

  it('groups models by provider, shows retirement dates and hides models that cannot chat', async () => {
    const page = await harness.open('/chat');
    await openPicker(page);
    await picker(page).getByRole('group', { name: 'openai-compatible' }).waitFor();
    await picker(page).getByRole('combobox').fill('status_400');
    await picker(page).getByText('Retires on 2999-01-01, replaced by healthy').waitFor();
    await picker(page).getByRole('combobox').fill('prodigon-embed');
    expect(await picker(page).getByRole('group', { name: 'offline' }).count()).toBe(0);
  });

  it('selects a model by mouse', async () => {
    const page = await harness.open('/chat');
    await openPicker(page, 'flaky_1');
    await picker(page).getByRole('option').filter({ hasText: 'flaky_1' }).first().click();
    await picker(page).waitFor({ state: 'detached' });
    expect(modelInUrl(page)).toBe('flaky_1');
    expect(await opener(page).getAttribute('aria-label')).toMatch(/^Model: flaky_1/);

    await openPicker(page);
    await page.mouse.click(1_200, 100);
    await picker(page).waitFor({ state: 'detached' });
  });

  it('selects a model by keyboard and returns the focus', async () => {
    const page = await harness.open('/chat');
    await opener(page).focus();
    await page.keyboard.press('Enter');
    await picker(page)
      .getByRole('option', { name: /^Default/ })
      .waitFor();
    expect(await activeOption(page)).toMatch(/^Default/);
    await page.keyboard.press('End');
    const last = await activeOption(page);
    await page.keyboard.press('ArrowDown');
    expect(await activeOption(page)).toMatch(/^Default/);
    await page.keyboard.press('ArrowUp');
    expect(await activeOption(page)).toBe(last);
    await page.keyboard.press('Home');
    expect(await activeOption(page)).toMatch(/^Default/);

    await page.keyboard.type('responds normally');
    expect(await activeOption(page)).toMatch(/^healthy/);
    await page.keyboard.press('Enter');
    await picker(page).waitFor({ state: 'detached' });
    expect(modelInUrl(page)).toBe('healthy');
    expect(await opener(page).evaluate((element) => element === document.activeElement)).toBe(true);
    // Enter selects the model and does not send a question.
    expect(await page.getByRole('log').count()).toBe(0);
  });

  it('closes on Escape without stopping the response', async () => {
    const page = await harness.open('/chat?model=gated');
    await ask(page, 'Wait for it');
    await turnIn(page, 'waiting').waitFor();
    await openPicker(page);
    await page.keyboard.press('Escape');
    await picker(page).waitFor({ state: 'detached' });
    expect(await turnIn(page, 'waiting').count()).toBe(1);
  });

  it('accepts an unlisted model id when a provider accepts other ids', async () => {
    const page = await harness.open('/chat');
    await openPicker(page, 'vendor/unlisted-7b');
    await page.keyboard.press('Enter');
    expect(modelInUrl(page)).toBe('vendor/unlisted-7b');
  });

  it('opens as a sheet on a phone without focusing the filter', async () => {
    const page = await harness.open('/chat', optionsOf(SCREENS.mobileLight));
    await opener(page).tap();
    await picker(page)
      .getByRole('option', { name: /^Default/ })
      .waitFor();
    expect(await page.getByRole('combobox').evaluate((element) => element === document.activeElement)).toBe(false);
    await picker(page).getByRole('combobox').fill('healthy');
    await picker(page).getByRole('option').filter({ hasText: 'Responds normally' }).tap();
    await picker(page).waitFor({ state: 'detached' });
    expect(modelInUrl(page)).toBe('healthy');
  });

  it('shows live how a model fails, becomes unavailable and recovers', async () => {
    const page = await harness.open('/chat');
    await openPicker(page, 'down_then_up');
    const option = picker(page).getByRole('option').first();
    await option.getByText('Not called recently').waitFor();
    harness.provider.health = 'down';
    // Failures of one request alone would reject only that request.
    for (let question = 1; (await generate(harness, 'down_then_up', `Question ${question}`)) !== 503; question += 1);
    await option.locator('[data-health="unavailable"]').waitFor();
    expect(await textOf(option)).toMatch(/Unavailable: The model provider failed to respond\. \(\d+ s ago\) Retry in \d+ s\./);

    harness.provider.health = 'up';
    await option.getByText('Retrying').waitFor();
    expect(await generate(harness, 'down_then_up')).toBe(200);
    await option.locator('[data-health="ok"]').waitFor();
  });

  it('shows a failed response in its label while it is closed', async () => {
    const page = await harness.open('/chat?model=status_500');
    await ask(page, 'Hello?');
    await turnIn(page, 'failed').waitFor();
    await eventually(() => opener(page).getAttribute('aria-label')).toMatch(/^Model: status_500, (failing|unavailable)$/);
  });
});
