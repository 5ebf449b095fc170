import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, chatWith, turnIn } from './chat.test-support.ts';
import { type Harness, startHarness } from './harness.test-support.ts';

const KEY = 'a-key-for-this-test-0123456789';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ API_KEYS: KEY });
});
afterAll(() => harness.close());

describe('a gateway that requires an API key', () => {
  it('prompts for the API key and keeps it for the current tab only', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    const dialog = page.getByRole('dialog', { name: 'API key' });
    await dialog.getByText('API key required').waitFor();

    await dialog.getByLabel('API key').fill('wrong');
    await dialog.getByRole('button', { name: 'Save key' }).click();
    await dialog.getByText('The gateway rejected this key.').waitFor();

    await dialog.getByLabel('API key').fill(KEY);
    await dialog.getByLabel('API key').press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await ask(page, 'May I?');
    await turnIn(page, 'done').waitFor();

    await page.reload();
    await ask(page, 'And now?');
    await turnIn(page, 'done', 1).waitFor();
    expect(await page.evaluate(() => Object.values(localStorage).join())).not.toContain(KEY);
    expect(harness.problems()).toEqual([]);
  });
});
