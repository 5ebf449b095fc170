import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, responseText, turnIn } from './chat.test-support.ts';
import { eventually, type Harness, sharedHarness } from './harness.test-support.ts';
import { openWithResponse } from './respond-with.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
// Includes requests to other origins, and everything that the content security policy blocks.
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

async function showResponse(text: string): Promise<{ page: Page; response: Locator }> {
  const page = await openWithResponse(harness, text);
  await ask(page, 'Show it');
  return { page, response: responseText(turnIn(page, 'done')) };
}

const requestsOf = (page: Page, pattern: RegExp) => {
  const urls: string[] = [];
  page.on('request', (request) => pattern.test(request.url()) && urls.push(request.url()));
  return urls;
};

describe('formulas', () => {
  it('are typeset under the content security policy, and leave money as text', async () => {
    const { response } = await showResponse(
      String.raw`Energy \(E = mc^2\), and $x_1$ for $5 or $6:

$$
\int_0^1 \frac{\fcolorbox{red}{white}{a}}{\pmb b} \, dx

= \sqrt{2}
$$`,
    );
    await eventually(() => response.locator('.katex-html').count()).toBe(3);
    await response.getByText('for $5 or $6').waitFor();
    // Styles that the policy blocked would leave everything on one line.
    expect(
      await response
        .locator('.katex-html .vlist > span')
        .first()
        .evaluate((span) => span.style.top),
    ).toMatch(/em$/);
    expect(
      await response
        .locator('.katex-html')
        .first()
        .evaluate((html) => getComputedStyle(html).fontFamily),
    ).toContain('KaTeX');
  });

  it('keep their source when it is not valid TeX, loads something or is a bomb', async () => {
    const bomb = String.raw`\def\a{xx}\def\b{\a\a\a\a}\def\c{\b\b\b\b}\def\d{\c\c\c\c}\def\e{\d\d\d\d}\e\e\e\e`;
    const { response } = await showResponse(String.raw`Broken \(\frac{1\).

Foreign \(\includegraphics{https://tracker.example/a.png}\) and \(\href{https://tracker.example}{x}\).

Bomb \(${bomb}\).

Valid \(y^2\).`);
    await response.locator('.katex-html').first().waitFor();
    await response.getByText(String.raw`\(\frac{1\)`).waitFor();
    await response.getByText(bomb).waitFor();
    expect(await response.locator('img, a').count()).toBe(0);
  });

  it('are the only reason to download KaTeX', async () => {
    const page = await openWithResponse(harness, 'It costs $5 and $10, and no formula.');
    const downloads = requestsOf(page, /formula|KaTeX/i);
    await ask(page, 'Show it');
    await responseText(turnIn(page, 'done')).getByText('It costs $5 and $10').waitFor();
    expect(downloads).toEqual([]);
  });
});

const DIAGRAM = '```mermaid\nflowchart LR\n  A[Gateway] -->|prompt| B{Cache?}\n  B --> C[(Store)]\n```';

describe('diagrams', () => {
  it('are drawn as images in the theme of the page, under the content security policy', async () => {
    const { page, response } = await showResponse(`Before\n\n${DIAGRAM}\n\nafter`);
    const image = response.getByRole('img', { name: 'Diagram' });
    await image.waitFor();
    await eventually(() => image.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBeGreaterThan(100);
    const sourceOf = () => image.evaluate((element) => decodeURIComponent((element as HTMLImageElement).src));
    const light = await sourceOf();
    expect(light).toContain('Gateway');
    expect(light).not.toContain('foreignObject');
    await page.emulateMedia({ colorScheme: 'dark' });
    await eventually(sourceOf).not.toBe(light);
    await page.emulateMedia({ colorScheme: 'light' });
    await response.getByText('Source of the diagram').click();
    await response.getByText('flowchart LR').waitFor();
    const frame = page.locator('iframe');
    expect(await frame.getAttribute('sandbox')).toBe('allow-scripts');
    expect(await frame.count()).toBe(1);
  });

  it('run no script, open no link and load nothing from elsewhere', async () => {
    const hostile = `flowchart LR
  A["<img src=x onerror='parent.hacked=1'><script>parent.hacked=2</script>hi"] --> B
  click A "javascript:window.hacked=3"
  click B href "https://tracker.example/click"
  style A fill:url(https://tracker.example/style.png)
%%{init: {"securityLevel": "loose", "themeCSS": "@import url(https://tracker.example/a.css)"}}%%`;
    const { page, response } = await showResponse(`\`\`\`mermaid\n${hostile}\n\`\`\`\n\n${DIAGRAM}`);
    await eventually(() => response.getByRole('img', { name: 'Diagram' }).count()).toBeGreaterThan(0);
    await response.getByRole('img', { name: 'Diagram' }).last().click();
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(new URL(page.url()).pathname).toMatch(/^\/chat\//);
    // Mermaid parses the label before it removes the handler, which the policy of the frame blocks. Nothing else is a problem.
    for (const problem of harness.problems()) expect(problem).toMatch(/inline event handler.*has been blocked/);
  });

  it('keep their source when they are not valid or too large', async () => {
    const large = `flowchart LR\n${Array.from({ length: 900 }, (_, index) => `  n${index} --> n${index + 1}`).join('\n')}`;
    const edges = `flowchart LR\n${Array.from({ length: 300 }, (_, index) => `  a${index}-->b`).join('\n')}`;
    const { response } = await showResponse(
      `\`\`\`mermaid\nflowchart ][\n\`\`\`\n\n\`\`\`mermaid\n${large}\n\`\`\`\n\n\`\`\`mermaid\n${edges}\n\`\`\``,
    );
    await response.getByText('mermaid · too long to draw').waitFor();
    await eventually(() => response.getByText('mermaid · cannot be drawn').count()).toBe(2);
    await response.getByText('flowchart ][').waitFor();
  });
});
