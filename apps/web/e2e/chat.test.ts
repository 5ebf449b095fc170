import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, chatWith, chooseModel, responseText, textOf, turnIn, waitForFirstText } from './chat.test-support.ts';
import { eventually, type Harness, sharedHarness } from './harness.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

async function activeStreams(): Promise<number> {
  const response = await fetch(`${harness.platform.url}/api/v1/system/overview`);
  return (await response.json()).streams.active;
}

function pageCount(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}

/** The code that shows a conversation, but not that of the list. */
const CONVERSATION_CODE = /\/assets\/conversation-[\w-]{8}\.js$/;

describe('the chat', () => {
  it('streams a response, then shows its details', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 200, tokens: 300 }));
    await ask(page, 'Tell me something');
    await page.getByRole('status').filter({ hasText: 'Generating' }).waitFor({ state: 'attached' });
    const early = await waitForFirstText(turnIn(page, 'streaming'));
    const turn = turnIn(page, 'done');
    await turn.waitFor();
    const whole = await textOf(responseText(turn));
    expect(whole.length).toBeGreaterThan(early.length);
    expect(whole.startsWith(early.trim())).toBe(true);
    const details = await textOf(turn.getByLabel('Response details'));
    expect(details).toMatch(/^prodigon-sim\s*first token after .+?s\s*[\d.]+ tok\/s\s*300 tokens/);
    const wordCount = whole.split(/\s+/).filter(Boolean).length;
    await page.getByText(`Response complete, ${wordCount} words`).waitFor({ state: 'attached' });
  });

  it('keeps the text and cancels the generation when the user presses Escape', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 50, tokens: 4_000 }));
    await ask(page, 'Tell me a lot');
    const before = await waitForFirstText(turnIn(page, 'streaming'));
    await page.keyboard.press('Escape');
    const turn = turnIn(page, 'stopped');
    await turn.waitFor();
    expect((await textOf(responseText(turn))).startsWith(before.trim())).toBe(true);
    await turn.getByText('Response stopped').waitFor();
    await eventually(activeStreams).toBe(0);
    expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0);
  });

  it('continues a stopped response after its text', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 50, tokens: 4_000 }));
    await ask(page, 'Tell me a lot');
    await waitForFirstText(turnIn(page, 'streaming'));
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('question');
    const turn = turnIn(page, 'stopped');
    await turn.waitFor();
    const before = await textOf(responseText(turn));
    const request = page.waitForRequest('**/turns');
    await turn.getByRole('button', { name: 'Continue' }).click();
    expect(Object.keys((await request).postDataJSON())).toEqual(['continue']);
    await eventually(async () => (await textOf(responseText(turnIn(page, 'streaming')))).length).toBeGreaterThan(before.length);
    expect((await textOf(responseText(turnIn(page, 'streaming')))).startsWith(before.trim())).toBe(true);
    expect(await page.getByRole('log').locator('article').count()).toBe(1);
  });

  it('explains why a request was rejected and offers a retry', async () => {
    const page = await harness.open(chatWith({ fault: 'rate_limit' }));
    await ask(page, 'Anyone there?');
    const turn = turnIn(page, 'failed');
    await turn.getByText('Rate limit reached').waitFor();
    await page.getByRole('alert').filter({ hasText: 'Rate limit reached' }).waitFor({ state: 'attached' });
    const again = page.waitForRequest('**/turns');
    await turn.getByRole('button', { name: 'Retry' }).click();
    expect(Object.keys((await again).postDataJSON())).toEqual(['regenerate']);
  });

  it('keeps the partial response when the generation fails', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 100, fault: 'error_after', after: 20 }));
    await ask(page, 'Break, please');
    const turn = turnIn(page, 'failed');
    await turn.waitFor();
    expect(await textOf(responseText(turn))).not.toBe('');
    await turn.getByText('The partial response is shown above.').waitFor();
    await turn.getByRole('button', { name: 'Retry' }).waitFor();
  });

  it('reports an unknown model', async () => {
    const page = await harness.open('/chat?model=no-such-model');
    await ask(page, 'Hello?');
    await turnIn(page, 'failed').getByText('Unknown model').waitFor();
  });

  it('queues questions while a response streams', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 50, tokens: 4_000 }));
    await ask(page, 'First');
    await turnIn(page, 'streaming').waitFor();
    await ask(page, 'Second');
    await turnIn(page, 'queued', 1).getByText('Queued').waitFor();
    await ask(page, 'Third');
    await turnIn(page, 'queued', 2).getByRole('button', { name: 'Remove from queue' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await turnIn(page, 'stopped').waitFor();
    await turnIn(page, 'streaming', 1).waitFor();
    expect(await page.getByRole('log').getByText('Third').count()).toBe(0);
  });

  it('regenerates a response with the selected model as another version, and switches between the versions', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    await ask(page, 'Once more');
    await turnIn(page, 'done').waitFor();
    const first = await textOf(responseText(turnIn(page, 'done')));
    await chooseModel(page, 'prodigon-tutor');
    await page.getByRole('button', { name: /^Model: prodigon-tutor/ }).waitFor();
    await page.getByRole('button', { name: 'Regenerate response' }).click();
    await turnIn(page, 'done').getByLabel('Response details').getByText('prodigon-tutor').waitFor();
    const versions = page.getByRole('group', { name: 'Versions of the response' });
    await versions.getByText('2/2').waitFor();
    await versions.getByRole('button', { name: 'Previous response' }).click();
    await versions.getByText('1/2').waitFor();
    expect(await textOf(responseText(turnIn(page, 'done')))).toBe(first);
    expect(await page.getByRole('log').locator('article').count()).toBe(1);
    await page.reload();
    await versions.getByText('1/2').waitFor();
  });

  it('regenerates a response once with another model, and deletes a turn', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 1_000, tokens: 2 }));
    await ask(page, 'What is a lease?');
    await turnIn(page, 'done').getByRole('button', { name: 'Regenerate with another model' }).click();
    await page.getByRole('combobox', { name: 'Filter models' }).fill('tutor');
    await page.getByRole('option').filter({ hasText: 'prodigon-tutor' }).click();
    await turnIn(page, 'done').getByRole('list', { name: 'Response details' }).getByText('prodigon-tutor').waitFor();
    await page.getByRole('button', { name: /^Model: prodigon-sim/ }).waitFor();

    await page.getByRole('article').getByRole('button', { name: 'Delete question and response' }).click();
    await page.getByRole('button', { name: 'Delete question', exact: true }).click();
    await eventually(() => page.getByRole('log').locator('article').count()).toBe(0);
  });

  it('saves an edited question in place, and asks it again as another version', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    await ask(page, 'What is a leese?');
    await turnIn(page, 'done').waitFor();
    await page.getByRole('button', { name: 'Edit question' }).click();
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('What is a lease?');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('log').getByText('What is a lease?').waitFor();
    expect(await page.getByRole('group', { name: 'Versions of the question' }).count()).toBe(0);

    await page.getByRole('button', { name: 'Edit question' }).click();
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('What is a lock?');
    await page.getByRole('button', { name: 'Save & rerun' }).click();
    const versions = page.getByRole('group', { name: 'Versions of the question' });
    await versions.getByText('2/2').waitFor();
    await turnIn(page, 'done').getByText('What is a lock?').waitFor();
    await versions.getByRole('button', { name: 'Previous question' }).click();
    await page.getByRole('log').getByText('What is a lease?').waitFor();
  });

  it('keeps the conversation and the draft across a reload', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 30 }));
    await ask(page, 'Remember this');
    await turnIn(page, 'done').waitFor();
    const text = await textOf(responseText(turnIn(page, 'done')));
    await page.getByLabel('Your question').fill('half a thought');
    await page.reload();
    await turnIn(page, 'done').waitFor();
    expect(await textOf(responseText(turnIn(page, 'done')))).toBe(text);
    expect(await page.getByLabel('Your question').inputValue()).toBe('half a thought');
  });

  it('continues to receive a response across a reload, without a gap or a repetition', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 100, tokens: 400 }));
    await ask(page, 'A long one');
    const before = await waitForFirstText(turnIn(page, 'streaming'));
    await page.reload();
    await turnIn(page, 'streaming').waitFor();
    await turnIn(page, 'done').waitFor();
    const shown = await textOf(responseText(turnIn(page, 'done')));
    expect(shown.startsWith(before.trim())).toBe(true);
    await page.reload();
    await turnIn(page, 'done').waitFor();
    expect(await textOf(responseText(turnIn(page, 'done')))).toBe(shown);
  });

  it('sends a question once when the page is reloaded before the gateway has answered', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    await page.route(
      '**/turns',
      async (route) => {
        // The gateway receives the turn, but the page does not receive the response.
        await route.fetch();
        await route.abort().catch(() => {});
      },
      { times: 1 },
    );
    const sent = page.waitForRequest('**/turns');
    await ask(page, 'Only once');
    await sent;
    await page.reload();
    await turnIn(page, 'done').waitFor();
    await eventually(() => page.getByRole('log').locator('article').count()).toBe(1);
  });

  it('shows a response in another tab while it arrives, and stops it there', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 50, tokens: 4_000 }));
    await ask(page, 'A long one');
    await waitForFirstText(turnIn(page, 'streaming'));
    const other = await harness.open(new URL(page.url()).pathname);
    await waitForFirstText(turnIn(other, 'streaming'));
    await other.getByRole('button', { name: 'Stop' }).click();
    await turnIn(other, 'stopped').waitFor();
    await turnIn(page, 'stopped').waitFor();
  });

  it('shows a question of another tab in the open conversation', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    await ask(page, 'First question');
    await turnIn(page, 'done').waitFor();
    const other = await harness.open(new URL(page.url()).pathname);
    await turnIn(other, 'done').waitFor();
    await ask(page, 'Second question');
    await turnIn(other, 'done', 1).getByText('Second question').waitFor();
  });

  it('continues a response while another conversation is open', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 200, tokens: 400 }));
    await ask(page, 'Old question');
    await waitForFirstText(turnIn(page, 'streaming'));
    await page.getByRole('main').getByRole('button', { name: 'New chat' }).click();
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('question');
    const item = page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: 'Old question' }).first();
    await item.getByText('Unread response').waitFor({ state: 'attached' });
    await item.click();
    await turnIn(page, 'done').waitFor();
  });

  it('shares a copy that later messages do not change, until the link is revoked', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    await ask(page, 'Shared question');
    await turnIn(page, 'done').waitFor();
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await page.getByRole('button', { name: 'Create link' }).click();
    const link = await page.getByRole('dialog').getByLabel('Link', { exact: true }).inputValue();
    const visitor = await harness.open(new URL(link).pathname);
    await visitor.getByText('Shared question').first().waitFor();
    expect(await visitor.getByRole('navigation').count()).toBe(0);
    await page.getByRole('button', { name: 'Revoke link' }).click();
    await page.getByRole('button', { name: 'Create link' }).waitFor();
    await visitor.reload();
    await visitor.getByText('This link does not exist, or it was revoked').waitFor();
  });

  it('keeps the question above a long response, and follows the response after "Jump to latest" until the user scrolls', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 200, tokens: 8_000 }));
    const log = page.getByRole('log');
    await ask(page, 'A very long one');
    const distanceToEnd = () => log.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
    const pill = page.getByRole('button', { name: 'Jump to latest' });
    await pill.waitFor();
    const question = page.getByRole('log').getByText('A very long one');
    const questionTop = async () => ((await question.boundingBox())?.y ?? -1) - ((await log.boundingBox())?.y ?? 0);
    expect(await questionTop()).toBeGreaterThan(0);
    expect(await questionTop()).toBeLessThan(100);

    await pill.click();
    await pill.waitFor({ state: 'detached' });
    expect(await distanceToEnd()).toBeLessThan(40);
    await eventually(questionTop).toBeLessThan(0);

    await log.hover();
    await page.mouse.wheel(0, -150);
    await pill.waitFor();
    const top = await log.evaluate((element) => element.scrollTop);
    const height = await log.evaluate((element) => element.scrollHeight);
    await eventually(() => log.evaluate((element) => element.scrollHeight)).toBeGreaterThan(height + 100);
    expect(await log.evaluate((element) => element.scrollTop)).toBe(top);
  });

  it('copies a response as Markdown', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 10 }), {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await ask(page, 'Copy me');
    await turnIn(page, 'done').getByRole('button', { name: 'Copy response' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.trim()).toContain((await textOf(responseText(turnIn(page, 'done')))).slice(0, 10));

    // Pages that came over plain HTTP from another host have no clipboard API.
    const clipboard = await page.evaluateHandle(() => navigator.clipboard);
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await page.getByRole('button', { name: 'Copy question' }).click();
    await eventually(() => clipboard.evaluate((api) => api.readText())).toBe('Copy me');
  });

  it('prints the whole conversation, and scrolls as a whole on low screens', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 100_000, tokens: 3_000 }));
    await ask(page, 'A long one');
    await turnIn(page, 'done').waitFor();
    expect(pageCount(await page.pdf())).toBeGreaterThan(3);

    // A desktop at 400 % zoom.
    await page.setViewportSize({ width: 320, height: 256 });
    const hiddenHeight = () => page.getByRole('log').evaluate((element) => element.scrollHeight - element.clientHeight);
    await eventually(hiddenHeight).toBe(0);
    await page.evaluate(() => scrollTo(0, 0));
    await page.getByText('A long one').first().waitFor();
    await page.mouse.move(160, 120);
    await page.mouse.wheel(0, 100_000);
    await eventually(() => page.evaluate(() => scrollY)).toBeGreaterThan(1_000);
    await page.getByRole('button', { name: 'Copy response' }).click({ trial: true });
    await page.getByLabel('Your question').fill('Another one');
    await page.getByRole('button', { name: 'Send' }).click({ trial: true });
  });

  it('offers a reload when the code of conversations fails to load, and keeps the question', async () => {
    const page = await harness.open('/settings/models');
    await page.route(CONVERSATION_CODE, (route) => route.abort());
    await page.goto(harness.platform.url + chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    await ask(page, 'Still there?');
    const reload = page.getByRole('button', { name: 'Reload page' });
    await reload.waitFor();
    // The browser logs the failed download. This call discards it.
    harness.problems();
    await page.unroute(CONVERSATION_CODE);
    await reload.click();
    await page.getByRole('log').getByText('Still there?').waitFor();
  });
});
