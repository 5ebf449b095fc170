import { expect, it } from 'vitest';
import { createHeadingSlugger, decodeEntities, type MarkdownToken, plainText } from './markdown-text.ts';

const text = (value: string): MarkdownToken => ({ type: 'text', text: value });
const paragraph = (...tokens: MarkdownToken[]): MarkdownToken => ({ type: 'paragraph', tokens });

it.each<[string, MarkdownToken[], string]>([
  ['paragraphs on lines of their own', [paragraph(text('one')), paragraph(text('two'))], 'one\ntwo'],
  ['link texts', [paragraph(text('see '), { type: 'link', tokens: [text('here')] }, text('.'))], 'see here.'],
  ['code as written', [paragraph({ type: 'codespan', text: 'a &amp; b' }), { type: 'code', text: '&lt;' }], 'a &amp; b\n&lt;'],
  ['entities decoded', [paragraph(text('a &amp; b &rarr; c &unknown; &copy'))], 'a & b → c &unknown; &copy'],
  ['hard line breaks', [paragraph(text('one'), { type: 'br' }, text('two'))], 'one\ntwo'],
  [
    'no images, HTML, definitions or rules',
    ['image', 'html', 'def', 'hr', 'space'].map((type) => ({ type, text: 'hidden' })),
    '',
  ],
  [
    'list items on lines',
    [{ type: 'list', items: [{ type: 'item', tokens: [text('one')] }, { type: 'item' }] }, text('end')],
    'one\n\nend',
  ],
  [
    'table rows on lines, with cells separated by spaces',
    [{ type: 'table', header: [{ tokens: [text('a')] }, { tokens: [text('b')] }], rows: [[{ tokens: [text('c')] }]] }],
    'a b\nc',
  ],
])('keeps %s', (_case, tokens, expected) => {
  expect(plainText(tokens)).toBe(expected);
});

it('numbers repeated headings of one document', () => {
  const [slug, other] = [createHeadingSlugger(), createHeadingSlugger()];
  expect([slug('The Title!'), slug('the title'), slug('The title'), other('The title')]).toEqual([
    'the-title',
    'the-title-1',
    'the-title-2',
    'the-title',
  ]);
});

it('decodes only complete character references', () => {
  expect(['&#8594;', 'AT&T', '&amp', 'plain'].map(decodeEntities)).toEqual(['→', 'AT&T', '&amp', 'plain']);
});
