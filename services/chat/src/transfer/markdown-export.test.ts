import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { createExport, HOSTILE_TEXTS, textPart } from './export-fixtures.test-support.ts';
import { isSelfContained } from './markdown-blocks.ts';
import { renderMarkdown } from './markdown-export.ts';

const headingsOf = (markdown: string) =>
  marked.lexer(markdown).flatMap((token) => (token.type === 'heading' && token.depth === 2 ? [token.text] : []));
const FRAME = ['System prompt', 'Question', 'Response'];

describe('Markdown export', () => {
  it('has the title, the system prompt, questions as quotes and responses as they are', () => {
    const response = 'It **slows** down:\n\n```js\nwrite();\n```';
    expect(
      renderMarkdown(createExport([textPart('Why?\nReally?')], [textPart(response)], 'Streams & *pressure*')),
    ).toBe(`# Streams \\& \\*pressure\\*

## System prompt

> Answer briefly.

## Question

*2026-03-01 09:30 UTC*

> Why?
> Really?

## Response

*2026-03-01 09:30 UTC · prodigon-tutor*

${response}
`);
  });

  it.each(HOSTILE_TEXTS)('keeps the text %j unchanged and within its message', (text) => {
    const markdown = renderMarkdown(
      createExport([textPart(text)], [textPart(text), { type: 'reasoning', text }, textPart('the end')]),
    );
    // The headings of an unquoted response follow its own.
    const [prompt, question, response, ...own] = headingsOf(markdown);
    expect([prompt, question, response]).toEqual(FRAME);
    expect(own).toEqual(isSelfContained(text) ? headingsOf(text) : []);
    expect(marked.lexer(markdown).at(-1)).toMatchObject({ type: 'paragraph', text: 'the end' });
    const quoted = markdown.split('## Question\n')[1]?.split('\n## Response\n')[0]?.split('UTC*\n\n')[1]?.slice(0, -1) ?? '';
    expect(quoted.replace(/^> /gm, '')).toBe(text);
  });

  it('folds reasoning, and names tools and attachments without markup', () => {
    const markdown = renderMarkdown(
      createExport(
        [
          { type: 'attachment', attachment_id: null, name: 'a`b*\n.txt', media_type: 'text/plain', bytes: 1 },
          textPart('Read it'),
        ],
        [
          { type: 'reasoning', text: 'a ``` b' },
          { type: 'tool_call', id: 't', name: 'search', arguments: '{}' },
          { type: 'tool_result', id: 't', text: 'found' },
        ],
      ),
    );
    expect(markdown).toContain('Attachment: `` a`b* .txt ``');
    expect(markdown).toContain('<details>\n<summary>Reasoning</summary>\n\n````\na ``` b\n````\n\n</details>');
    expect(markdown).toContain('Tool call ` search `:\n\n```json\n{}\n```\n\nResult:\n\n```\nfound\n```');
  });

  it('has only the active path, and says how a response ended', () => {
    const exported = createExport([textPart('Why?')], [textPart('Because')]);
    const [question, response] = exported.messages;
    if (!question || !response) throw new Error('no messages');
    const other = { ...response, id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d99', parts: [textPart('another branch')] };
    const markdown = renderMarkdown({ ...exported, messages: [question, other, { ...response, status: 'stopped' }] });
    expect(markdown).not.toContain('another branch');
    expect(markdown).toContain('*2026-03-01 09:30 UTC · prodigon-tutor · stopped*');
  });
});

it.each([
  ['a\n\n```\nb\n```\nc', true],
  ['1. a\n\n   ```\n   b\n   ```', true],
  ['<!-- a --> b', true],
  ['<pre>a</pre>', true],
  ['```\n<!--\n```', true],
  ['`` a ``` b', true],
  ['```\na', false],
])('finds out whether %j ends its blocks', (text, expected) => {
  expect(isSelfContained(text)).toBe(expected);
});
