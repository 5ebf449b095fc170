import { text } from 'node:stream/consumers';
import { GENERATION_LIMITS } from '@prodigon/contracts';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, turnIn } from './chat.test-support.ts';
import { type FaultHarness, startFaultHarness } from './fault-harness.test-support.ts';
import { eventually } from './harness.test-support.ts';

let harness: FaultHarness;
beforeAll(async () => {
  harness = await startFaultHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

async function chooseDefaultModel(page: Page, model: string): Promise<void> {
  await page.getByRole('button', { name: /^Default model:/ }).click();
  await page.getByRole('combobox', { name: 'Filter models' }).fill(model);
  await page.getByRole('option').filter({ hasText: model }).first().click();
  await page.getByRole('button', { name: `Default model: ${model}` }).waitFor();
}

describe('the settings', () => {
  it('applies the settings to the next request', async () => {
    const page = await harness.open('/chat');
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.waitForURL('**/settings/models');
    await chooseDefaultModel(page, 'down_then_up');
    await page.getByLabel('Max tokens', { exact: true }).fill('321');
    await page.getByLabel('Temperature', { exact: true }).fill('0.2');
    await page.getByLabel('System prompt').fill('Be brief.');
    await page.getByText('Saved in this browser.').waitFor();

    await page.goto(`${harness.platform.url}/chat`);
    await page.getByRole('button', { name: /^Model: down_then_up · default/ }).waitFor();
    const call = harness.provider.nextCall();
    await ask(page, 'What do you know?');
    expect((await call).body).toMatchObject({
      model: 'down_then_up',
      max_tokens: 321,
      temperature: 0.2,
      messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }],
    });
    await turnIn(page, 'done').waitFor();
  });

  it('sends no option that is not set, and uses a model that refuses a temperature', async () => {
    const page = await harness.open('/chat?model=fixed_options');
    const call = harness.provider.nextCall();
    await ask(page, 'What do you know?');
    await turnIn(page, 'done').waitFor();
    const { body } = await call;
    expect(Object.keys(body).sort()).toEqual(['messages', 'model', 'stream', 'stream_options']);

    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByLabel('Temperature', { exact: true }).fill('0.2');
    await page.getByText('Saved in this browser.').waitFor();
    await page.goto(`${harness.platform.url}/chat?model=fixed_options`);
    await ask(page, 'Really?');
    await turnIn(page, 'failed').getByText("'temperature' does not support 0.7 with this model").waitFor();
  });

  it('empties a number with the keyboard, after input that is not a number too', async () => {
    const page = await harness.open('/settings/models');
    for (const [label, text, error] of [
      ['Temperature', '0.5', undefined],
      ['Max tokens', '-', 'Must be a number'],
    ] as const) {
      const field = page.getByLabel(label, { exact: true });
      expect(await field.getAttribute('placeholder')).toBe('Model default');
      await field.pressSequentially(text);
      if (error) await page.getByText('Not saved:').waitFor();
      expect(await field.getAttribute('aria-invalid')).toBe(error ? 'true' : null);
      await field.press('Tab');
      await page.keyboard.press('Enter');
      expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(await field.inputValue()).toBe('');
      await page.getByText('Saved in this browser.').waitFor();
    }
  });

  it('rejects values outside the limits of the OpenAPI document', async () => {
    const page = await harness.open('/settings/models');
    await chooseDefaultModel(page, 'down_then_up');
    const maxTokens = page.getByLabel('Max tokens', { exact: true });
    await eventually(() => maxTokens.getAttribute('max')).toBe(String(GENERATION_LIMITS.maxTokensMax));
    await maxTokens.fill(String(GENERATION_LIMITS.maxTokensMax + 1));
    await page.getByText('Not saved:').waitFor();
    expect(await maxTokens.getAttribute('aria-invalid')).toBe('true');
    await page.getByRole('button', { name: 'Reset to defaults' }).click();
    await page.getByText('Saved in this browser.').waitFor();
  });

  it('reads the limits from the OpenAPI document', async () => {
    const page = await harness.open('/chat');
    await page.route('**/openapi.json', async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      await route.fulfill({ response, body: text.replaceAll(`"maximum":${GENERATION_LIMITS.maxTokensMax}`, '"maximum":777') });
    });
    await page.getByRole('link', { name: 'Settings' }).click();
    await chooseDefaultModel(page, 'down_then_up');
    await eventually(() => page.getByLabel('Max tokens', { exact: true }).getAttribute('max')).toBe('777');
  });

  it('uses the built-in limits when the OpenAPI document cannot be loaded', async () => {
    const page = await harness.open('/chat');
    await page.route('**/openapi.json', (route) => route.fulfill({ status: 500, body: 'no' }));
    await page.getByRole('link', { name: 'Settings' }).click();
    await chooseDefaultModel(page, 'down_then_up');
    expect(await page.getByLabel('Max tokens', { exact: true }).getAttribute('max')).toBe(String(GENERATION_LIMITS.maxTokensMax));
  });

  it('limits max tokens to the output limit of the model', async () => {
    const page = await harness.open('/settings/models');
    await page.locator('[data-model="healthy"]').getByText('2,000 tokens').waitFor();
    await chooseDefaultModel(page, 'healthy');
    await page.getByText('limited to 2,000 by this model').waitFor();
    await page.getByLabel('Max tokens', { exact: true }).fill('5000');
    await page.getByText('Saved in this browser.').waitFor();

    // The list of models has the limit.
    const listed = page.waitForResponse('**/api/v1/models');
    await page.goto(`${harness.platform.url}/chat?model=well`);
    await listed;
    await page.getByRole('button', { name: /^Model: well/ }).waitFor();
    const call = harness.provider.nextCall();
    await ask(page, 'Briefly');
    expect((await call).body).toMatchObject({ max_tokens: 2_000 });
    await turnIn(page, 'done').waitFor();
  });

  it('shows the details of each model and the replacements of retired models', async () => {
    const page = await harness.open('/settings');
    await page.waitForURL('**/settings/models');
    const healthy = page.locator('[data-model="healthy"]');
    await healthy.getByText('$0.15 in / $0.60 out per M tokens').waitFor();
    await healthy.getByText('131,072 tokens').waitFor();
    await healthy.getByText('well', { exact: true }).waitFor();
    await page.locator('[data-model="status_503"]').getByText('healthy', { exact: true }).waitFor();
    await page.getByText('was retired on 2020-01-01. Replaced by healthy.').waitFor();
  });

  it('exports the conversations, keeps the text size, and deletes the data of the browser', async () => {
    const page = await harness.open('/chat?model=healthy');
    await ask(page, 'What do you know?');
    await turnIn(page, 'done').waitFor();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'Appearance' }).click();
    await page.getByText('Large', { exact: true }).click();
    await page.reload();
    const fontSize = () => page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
    await eventually(fontSize).toBe('18px');

    await page.getByRole('link', { name: 'Data' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export conversations' }).click();
    expect(await text((await (await download).createReadStream()) ?? [])).toContain('What do you know?');
    await page.getByRole('button', { name: 'Delete data' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete data' }).click();
    await eventually(fontSize).toBe('16px');
  });

  it('shows "Page not found" for an unknown settings page', async () => {
    const page = await harness.open('/settings/nowhere');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  });
});
