import { describe, expect, test } from 'vitest';
import { markdownSections, titleOfMarkdown } from './markdown-sections.ts';

const split = (markdown: string, path = 'docs/guide/page.md') => markdownSections({ path, title: 'Page', markdown });

describe('markdownSections', () => {
  test('splits a page by headings and keeps the content before the first one', () => {
    const sections = split('Before.\n\n# Title\n\nIntro.\n\n## Part\n\nText with `code` and *more*.\n');
    expect(sections.map(({ heading, anchor, level, text }) => ({ heading, anchor, level, text }))).toEqual([
      { heading: '', anchor: '', level: 0, text: 'Before.' },
      { heading: 'Title', anchor: 'title', level: 1, text: 'Intro.' },
      { heading: 'Part', anchor: 'part', level: 2, text: 'Text with code and more.' },
    ]);
  });

  test('ignores a # inside a code block', () => {
    const sections = split('## Run\n\n```sh\n# comment\nnpm start\n```\n\n    # indented\n');
    expect(sections.map(({ heading }) => heading)).toEqual(['Run']);
    expect(sections[0]?.markdown).toContain('npm start');
  });

  test('generates the same anchors as the renderer, including repeated and nested headings', () => {
    const sections = split(
      '## Setup\n\n> ## Setup\n\n## Setup\n\n## What is `main.ts`, & **why**?\n\n## [Link](x.md) &amp; co\n',
    );
    expect(sections.map(({ anchor }) => anchor)).toEqual(['setup', 'setup-2', 'what-is-maints--why', 'link--co']);
  });

  test('decodes entities in headings and anchors as the web UI does', () => {
    const [section] = split('## From A &rarr; B &amp; &#67;\n');
    expect(section).toMatchObject({ heading: 'From A → B & C', anchor: 'from-a--b--c' });
  });

  test('reads lists and tables as plain text', () => {
    const [section] = split('## Both\n\n- one\n- two **bold**\n\n| a | b |\n| - | - |\n| c | `d` |\n');
    expect(section?.text.split(/\s+/)).toEqual(['one', 'two', 'bold', 'a', 'b', 'c', 'd']);
  });
});

describe('the text of a section', () => {
  test.each([
    ['code blocks', 'One.\n\n```sh\nnpm start\n```\n\n- Two:\n\n  ```sh\n  npm test\n  ```\n\n> ```\n> quoted\n> ```\n'],
    ['descriptions of images', 'One. ![a drawing](x.png)\n\nTwo:\n'],
    ['fields of the page', 'Status: accepted\n\nDate: 2026-11-23\n\nOne.\n\nTwo:\n'],
    ['example questions', 'One. Ask "When would you choose gRPC?", `./prodigon chat "What is SSRF?"`.\n\nTwo:\n'],
  ])('omits %s', (_title, markdown) => {
    const text = split(`## Heading\n\n${markdown}`)[0]?.text;
    expect(text).toMatch(/^One\.[\s\S]*Two:/);
    expect(text).not.toMatch(/npm|drawing|accepted|2026|gRPC|SSRF|quoted/);
  });

  test('lists the bold words, which name subjects', () => {
    expect(split('## A\n\n- **Circuit breaker**, per provider.\n- *Not* this.\n')[0]?.terms).toBe('Circuit breaker');
  });

  test('fields of a page are not quoted either, but a sentence with a colon is', () => {
    const [section] = split('## A\n\nStatus: accepted\nDate: 2026-11-23\n\nNote: this stays.\n');
    expect(section?.markdown).toBe('Note: this stays.');
  });
});

describe('the Markdown of a section', () => {
  test.each([
    ['[a](other.md#x)', '[a](/read/docs/guide/other.md#x)'],
    ['[a](../../README.md)', '[a](/read/README.md)'],
    ['[a](#here)', '[a](/read/docs/guide/page.md#here)'],
    ['[a](https://example.org/)', '[a](https://example.org/)'],
    ['**see [a `b`](other.md) now**', '**see [a `b`](/read/docs/guide/other.md) now**'],
    ['[a](../../../outside.md)', 'a'],
    ['[a](src/main.ts)', 'a'],
    ['[a](javascript:alert.md)', 'a'],
    ['![a drawing](x.png)', ''],
    ['[![a drawing](x.png)](other.md) See.', ' See.'],
    ['a <b onclick="x">bold</b> word', 'a bold word'],
    ['[a][ref]\n\n[ref]: other.md', '[a](/read/docs/guide/other.md)'],
    ['- [a](other.md): one\n- two', '- [a](/read/docs/guide/other.md): one\n- two'],
    ['| x |\n| - |\n| [a](other.md) |', '| x |\n| - |\n| [a](/read/docs/guide/other.md) |'],
    ['`[a](other.md)`', '`[a](other.md)`'],
  ])('turns %j into %j', (markdown, quoted) => {
    expect(split(`## Heading\n\n${markdown}\n`)[0]?.markdown).toBe(quoted);
  });

  test('measures the share of links', () => {
    const [sources, prose] = split(
      '## Sources\n\n- [One](https://a.example)\n- [Two](https://b.example)\n\n## Prose\n\nMany plain words, [one](x.md).\n',
    );
    expect(sources?.linkShare).toBeGreaterThan(0.8);
    expect(prose?.linkShare).toBeLessThan(0.3);
  });
});

test('titleOfMarkdown returns the first heading of level 1', () => {
  expect(titleOfMarkdown('```\n# no\n```\n\n## no\n\n# A *title*\n')).toBe('A title');
  expect(titleOfMarkdown('## none\n')).toBeNull();
});
