import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, responseText, turnIn } from './chat.test-support.ts';
import { type Harness, sharedHarness } from './harness.test-support.ts';
import { openWithResponse } from './respond-with.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterAll(() => harness.close());

const HOSTILE = `Before <b onclick="window.hacked=1">bold</b> <img src=x onerror="window.hacked=2"> after.

<script>window.hacked=3</script>

<iframe src="javascript:window.top.hacked=4"></iframe>

[run](javascript:window.hacked=5) [entity](javascript&colon;alert) [tab](java	script:window.hacked=6)
[data](data:text/html,<script>window.hacked=7</script>) <javascript:window.hacked=8>

![tracker](https://tracker.example/pixel.png) ![inline](data:image/svg+xml,<svg/onload=window.hacked=9>)

\`\`\`html
<script>window.hacked=10</script>
\`\`\`

[outside](https://outside.example/page) and [inside](/read/README.md)
`;

describe('untrusted model output', () => {
  it('renders hostile Markdown without running code or loading images', async () => {
    const page = await openWithResponse(harness, HOSTILE);
    await ask(page, 'Attack');
    const turn = turnIn(page, 'done');
    const response = responseText(turn);
    await response.getByText('<script>window.hacked=3</script>').waitFor();
    await response.locator('.hljs-tag').first().waitFor();

    expect(await response.locator('script, iframe, img, b, [onclick], [onerror]').count()).toBe(0);
    const links = await response.locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(links).toEqual(['https://outside.example/page', '/read/README.md']);
    const outside = response.getByRole('link', { name: 'outside' });
    expect(await outside.getAttribute('rel')).toContain('noopener');
    expect(await outside.getAttribute('target')).toBe('_blank');
    await response.getByText('run', { exact: true }).click();
    await response.getByRole('button', { name: 'Load image from tracker.example: tracker' }).waitFor();
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(harness.problems()).toEqual([]);
  });

  it('shows a response that nests thousands of levels deep, also after a reload', async () => {
    const page = await openWithResponse(harness, `${'> '.repeat(2_000)}innermost`);
    await ask(page, 'Nest');
    await responseText(turnIn(page, 'done')).getByText('innermost').waitFor();
    await page.reload();
    await responseText(turnIn(page, 'done')).getByText('innermost').waitFor();
    await page.getByRole('textbox', { name: 'Your question' }).waitFor();
    expect(harness.problems()).toEqual([]);
  });

  it('loads a remote image only after the user requests it', async () => {
    const page = await openWithResponse(harness, HOSTILE);
    await page.route('https://tracker.example/**', (route) =>
      route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' }),
    );
    await ask(page, 'Attack');
    await turnIn(page, 'done').waitFor();
    expect(harness.problems()).toEqual([]);
    await page.getByRole('button', { name: /^Load image/ }).click();
    await page.getByRole('img', { name: 'tracker' }).waitFor();
    // The browser reports requests asynchronously.
    await expect.poll(() => harness.problems()).toEqual(['request to https://tracker.example/pixel.png']);
  });
});
