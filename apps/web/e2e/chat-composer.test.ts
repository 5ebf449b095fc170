import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, chatWith } from './chat.test-support.ts';
import { type Harness, sharedHarness } from './harness.test-support.ts';
import { SCREENS, showOn } from './screens.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

/** Records what makes the browser lay out the text of a text area before the frame is due. */
function recordMeasurements(): void {
  const measurements: string[] = [];
  const { getComputedStyle } = globalThis;
  globalThis.getComputedStyle = (element, pseudoElement) => {
    if (element instanceof HTMLTextAreaElement) measurements.push('getComputedStyle');
    return getComputedStyle(element, pseudoElement);
  };
  const property = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollHeight');
  Object.defineProperty(Element.prototype, 'scrollHeight', {
    get(this: Element) {
      if (this instanceof HTMLTextAreaElement) measurements.push('scrollHeight');
      return property?.get?.call(this);
    },
  });
  Object.assign(globalThis, { measurements });
}

describe('the composer', () => {
  it('inserts a newline on Shift+Enter and for a touch screen, ignores the Enter of an input method, sends on Enter', async () => {
    const page = await harness.open(chatWith({ tokens_per_s: 5_000, tokens: 5 }));
    const composer = page.getByLabel('Your question');
    await composer.fill('one');
    await composer.press('Shift+Enter');
    await composer.pressSequentially('two');
    await composer.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true });
    expect(await composer.inputValue()).toBe('one\ntwo');
    await composer.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true });
    const request = page.waitForRequest('**/turns');
    await composer.press('Enter');
    expect((await request).postDataJSON().content).toBe('one\ntwo');
    expect(await composer.inputValue()).toBe('');

    await showOn(page, SCREENS.mobileLight);
    await composer.fill('three');
    await composer.press('Enter');
    await composer.pressSequentially('four');
    expect(await composer.inputValue()).toBe('three\nfour');
  });

  it('neither measures nor copies a long question when the user types', async () => {
    const page = await harness.open('/chat');
    const composer = page.getByLabel('Your question');
    await composer.fill('مرحبا');
    expect(await composer.getAttribute('dir')).toBe('auto');
    await composer.fill('word '.repeat(20_000));
    await page.evaluate(recordMeasurements);
    await page.keyboard.type('xyz');
    expect(await composer.inputValue()).toMatch(/ xyz$/);
    expect(await page.evaluate(() => (globalThis as { measurements?: string[] }).measurements)).toEqual([]);
    expect(await composer.getAttribute('dir')).toBe('ltr');
    expect(await composer.evaluate((element: HTMLTextAreaElement) => element.defaultValue)).toBe('');
    const rows = await composer.evaluate(
      (element) => element.clientHeight / Number.parseFloat(getComputedStyle(element).lineHeight),
    );
    expect(Math.floor(rows)).toBe(10);
    await page.reload();
    expect(await composer.inputValue()).toMatch(/ xyz$/);
  });

  it('does not send a question of more than 500,000 characters, and shows the excess', async () => {
    const page = await harness.open('/chat');
    await ask(page, 'word '.repeat(100_000).concat('x'));
    await page.getByText('1 character too long').waitFor();
    expect(await page.getByRole('log').count()).toBe(0);
  });
});
