import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answerText, ask, chatWith, chooseModel, firstWords, textOf, turnIn } from './chat.test-support.ts';
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

describe('the chat', () => {
  it('shows an answer while it is being written, then says what it was', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 60, tokens: 300 }));
    await ask(page, 'Tell me something');
    await page.getByRole('status').filter({ hasText: 'Generating' }).waitFor({ state: 'attached' });
    const early = await firstWords(turnIn(page, 'streaming'));
    const turn = turnIn(page, 'done');
    await turn.waitFor();
    const whole = await textOf(answerText(turn));
    expect(whole.length).toBeGreaterThan(early.length);
    expect(whole.startsWith(early.trim())).toBe(true);
    const facts = await textOf(turn.getByLabel('Response details'));
    expect(facts).toMatch(/^prodigon-sim\s*TTFT .+?s\s*[\d.]+ tok\/s\s*300 tokens/);
    const words = whole.split(/\s+/).filter(Boolean).length;
    await page.getByText(`Response complete, ${words} words`).waitFor({ state: 'attached' });
  });

  it('stops with Escape: the text stays, and the platform stops generating', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 50, tokens: 4_000 }));
    await ask(page, 'Tell me a lot');
    const before = await firstWords(turnIn(page, 'streaming'));
    await page.keyboard.press('Escape');
    const turn = turnIn(page, 'stopped');
    await turn.waitFor();
    expect((await textOf(answerText(turn))).startsWith(before.trim())).toBe(true);
    await turn.getByText('Response stopped').waitFor();
    await eventually(activeStreams).toBe(0);
    expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0);
  });

  it('continues a stopped answer as a next turn', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 50, tokens: 4_000 }));
    await ask(page, 'Tell me a lot');
    await firstWords(turnIn(page, 'streaming'));
    await page.getByRole('button', { name: 'Stop' }).click();
    const request = page.waitForRequest('**/generate/stream');
    await turnIn(page, 'stopped').getByRole('button', { name: 'Continue' }).click();
    expect((await request).postDataJSON().messages).toHaveLength(2);
    await turnIn(page, 'streaming', 1).waitFor();
  });

  it('sends several turns, without those that failed', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    await ask(page, 'First question');
    await turnIn(page, 'done').waitFor();
    const first = await textOf(answerText(turnIn(page, 'done')));

    await page.goto(harness.platform.url + chatWith({ fault: 'rate_limit' }));
    await ask(page, 'Refused question');
    await turnIn(page, 'failed', 1).waitFor();

    const request = page.waitForRequest('**/generate/stream');
    await ask(page, 'Last question');
    const body = (await request).postDataJSON();
    expect(body.prompt).toBe('Last question');
    expect(body.messages).toEqual([
      { role: 'user', content: 'First question' },
      { role: 'assistant', content: expect.stringContaining(first.slice(0, 10)) },
    ]);
  });

  it('says in plain words why a request was refused, and offers to try again', async () => {
    const page = await harness.open(chatWith({ fault: 'rate_limit' }));
    await ask(page, 'Anyone there?');
    const turn = turnIn(page, 'failed');
    await turn.getByText('Rate limit reached').waitFor();
    await page.getByRole('alert').filter({ hasText: 'Rate limit reached' }).waitFor({ state: 'attached' });
    const again = page.waitForRequest('**/generate/stream');
    await turn.getByRole('button', { name: 'Retry' }).click();
    expect((await again).postDataJSON().prompt).toBe('Anyone there?');
  });

  it('keeps what had arrived when the answer fails in the middle', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 100, fault: 'error_after', after: 20 }));
    await ask(page, 'Break, please');
    const turn = turnIn(page, 'failed');
    await turn.waitFor();
    expect(await textOf(answerText(turn))).not.toBe('');
    await turn.getByText('The partial response is shown above.').waitFor();
    await turn.getByRole('button', { name: 'Retry' }).waitFor();
  });

  it('names a model that nobody offers', async () => {
    const page = await harness.open('/chat?model=no-such-model');
    await ask(page, 'Hello?');
    await turnIn(page, 'failed').getByText('Unknown model').waitFor();
  });

  it('queues what is asked while an answer is being written', async () => {
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

  it('regenerates the last answer with the model chosen now', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    await ask(page, 'Once more');
    await turnIn(page, 'done').waitFor();
    await chooseModel(page, 'prodigon-tutor');
    expect(new URL(page.url()).searchParams.get('model')).toBe('prodigon-tutor');
    await page.getByRole('button', { name: 'Regenerate response' }).click();
    await turnIn(page, 'done').getByLabel('Response details').getByText('prodigon-tutor').waitFor();
    expect(await page.getByRole('log').locator('article').count()).toBe(1);
  });

  it('puts Shift+Enter and an input method’s Enter into the text, and sends with Enter alone', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    const composer = page.getByLabel('Your question');
    await composer.fill('one');
    await composer.press('Shift+Enter');
    await composer.pressSequentially('two');
    await composer.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true });
    expect(await composer.inputValue()).toBe('one\ntwo');
    const request = page.waitForRequest('**/generate/stream');
    await composer.press('Enter');
    expect((await request).postDataJSON().prompt).toBe('one\ntwo');
    expect(await composer.inputValue()).toBe('');
  });

  it('does not send more than the API takes, and says so', async () => {
    const page = await harness.open('/chat');
    await ask(page, 'x'.repeat(10_001));
    await page.getByText('1 characters too long').waitFor();
    expect(await page.getByRole('log').count()).toBe(0);
  });

  it('keeps the conversation and the draft over a reload', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 30 }));
    await ask(page, 'Remember this');
    await turnIn(page, 'done').waitFor();
    const text = await textOf(answerText(turnIn(page, 'done')));
    await page.getByLabel('Your question').fill('half a thought');
    await page.reload();
    await turnIn(page, 'done').waitFor();
    expect(await textOf(answerText(turnIn(page, 'done')))).toBe(text);
    expect(await page.getByLabel('Your question').inputValue()).toBe('half a thought');
  });

  it('shows an answer that a reload cut off as interrupted, with its text', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 50, tokens: 4_000 }));
    await ask(page, 'A long one');
    const before = await firstWords(turnIn(page, 'streaming'));
    await page.reload();
    const turn = turnIn(page, 'interrupted');
    await turn.waitFor();
    expect((await textOf(answerText(turn))).startsWith(before.trim())).toBe(true);
  });

  it('starts a new conversation, and can go back to the last one', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    await ask(page, 'Old question');
    await turnIn(page, 'done').waitFor();
    await page.getByRole('button', { name: 'New conversation' }).click();
    await page.getByRole('heading', { name: 'What do you want to understand?' }).waitFor();
    await page.getByRole('button', { name: 'Restore previous conversation' }).click();
    await page.getByRole('log').getByText('Old question').waitFor();
  });

  it('follows an answer until the reader scrolls up, and again when asked to', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 100, tokens: 4_000 }));
    const log = page.getByRole('log');
    await ask(page, 'A very long one');
    const distanceToEnd = () => log.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
    await eventually(() => log.evaluate((element) => element.scrollTop)).toBeGreaterThan(200);
    expect(await distanceToEnd()).toBeLessThan(40);

    await log.hover();
    await page.mouse.wheel(0, -150);
    const pill = page.getByRole('button', { name: 'Jump to latest' });
    await pill.waitFor();
    const top = await log.evaluate((element) => element.scrollTop);
    const height = await log.evaluate((element) => element.scrollHeight);
    await eventually(() => log.evaluate((element) => element.scrollHeight)).toBeGreaterThan(height + 100);
    expect(await log.evaluate((element) => element.scrollTop)).toBe(top);

    await pill.click();
    await pill.waitFor({ state: 'detached' });
    expect(await distanceToEnd()).toBeLessThan(40);
  });

  it('copies an answer as it was written', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 10 }), {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await ask(page, 'Copy me');
    await turnIn(page, 'done').getByRole('button', { name: 'Copy response' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.trim()).toContain((await textOf(answerText(turnIn(page, 'done')))).slice(0, 10));
  });

  it('offers to reload the page when the transcript does not download, and keeps the conversation', async () => {
    const page = await harness.open('/settings/models');
    await page.route('**/assets/transcript-*.js', (route) => route.abort());
    await page.goto(harness.platform.url + chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    await ask(page, 'Still there?');
    const reload = page.getByRole('button', { name: 'Reload page' });
    await reload.waitFor();
    // The browser reports the failed download.
    harness.problems();
    await page.unroute('**/assets/transcript-*.js');
    await reload.click();
    await page.getByRole('log').getByText('Still there?').waitFor();
  });
});
