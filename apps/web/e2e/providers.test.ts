import { type FaultProvider, startFaultProvider } from '@prodigon/testing';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, openPicker, responseText, turnIn } from './chat.test-support.ts';
import { type Harness, startHarness } from './harness.test-support.ts';

const KEY = 'key-of-this-test-0123';
const REFUSED_KEY = 'refused-key-of-this-test-0123';

let harness: Harness;
let provider: FaultProvider;
beforeAll(async () => {
  provider = await startFaultProvider({ refusedKeys: [REFUSED_KEY] });
  // The providers of config/models.yaml, none of them configured.
  harness = await startHarness({ USE_MOCK: 'false', MODELS_FILE: '' });
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(async () => {
  await harness.close();
  await provider.close();
});

async function enter(page: Page, apiKey: string): Promise<void> {
  const form = page.getByRole('form', { name: 'Set up vLLM' });
  await form.getByLabel('Base URL').fill(provider.baseUrl);
  await form.getByLabel('API key').fill(apiKey);
  await form.getByRole('button', { name: 'Test and save' }).click();
}

describe('provider settings', () => {
  it('lets a new user set up a provider and receive a response from it', async () => {
    const page = await harness.open('/chat');
    await page.getByRole('link', { name: 'add a key for a real model' }).click();
    await page.waitForURL('**/settings/providers');
    await page.getByRole('button', { name: 'Set up vLLM' }).click();

    await enter(page, REFUSED_KEY);
    await page.getByText('vllm refused the key, so it was not stored.').waitFor();
    expect(await page.getByLabel('API key').getAttribute('aria-invalid')).toBe('true');

    await enter(page, KEY);
    await page.getByText('vLLM is ready').waitFor();
    await page.getByText(`Key stored · ${provider.baseUrl}`).waitFor();
    expect(await page.content()).not.toContain(KEY);

    await page.getByRole('link', { name: 'Start a chat' }).click();
    await ask(page, 'What do you know?');
    expect(await responseText(turnIn(page, 'done')).textContent()).toContain('Streams');
    expect(provider.calls.at(-1)?.key).toBe(KEY);

    const picker = await openPicker(page);
    await picker.getByRole('link', { name: 'Add a provider' }).click();
    await page.getByRole('button', { name: 'Change vLLM' }).click();
    await page.getByLabel('Base URL').fill('http://127.0.0.1:9/v1');
    await page.getByRole('button', { name: 'Test and save' }).click();
    await page.getByText('Enter the key again: the stored key is for another server').waitFor();
    await enter(page, '');
    await page.getByText('vLLM is ready').waitFor();
    await page.getByText(`Key stored · ${provider.baseUrl}`).waitFor();
    expect(provider.calls.at(-1)?.key).toBe(KEY);

    await page.getByRole('button', { name: 'Remove vLLM' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove vLLM' }).click();
    await page.getByRole('button', { name: 'Set up vLLM' }).waitFor();
    await page.goto(`${harness.platform.url}/chat`);
    await page.getByRole('button', { name: /^Model: prodigon-tutor/ }).waitFor();
  });
});
