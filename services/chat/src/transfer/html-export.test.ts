import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createExport, HOSTILE_TEXTS, textPart } from './export-fixtures.test-support.ts';
import { renderHtml } from './html-export.ts';

const TAGS =
  /<(?:!doctype html|\/?(?:html|head|meta|title|style|body|main|h1|h2|article|p|div|pre|code|details|summary|bdi)\b[^<>]*)>/g;
const decode = (html: string) =>
  html.replace(
    /&(amp|lt|gt|quot|#39|#13);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#13': '\r' })[name] ?? '',
  );

it.each(HOSTILE_TEXTS)('contains no markup of the text %j', (text) => {
  const html = renderHtml(createExport([textPart(text)], [textPart(text), { type: 'reasoning', text }], text));
  expect(html.replace(TAGS, '')).not.toMatch(/[<>]/);
  const [, reasoning = ''] = /<summary>Reasoning<\/summary>\n<div class="text" dir="auto">([^<]*)<\/div>/.exec(html) ?? [];
  expect(decode(reasoning)).toBe(text);
});

it('allows its own style and nothing else', () => {
  const html = renderHtml(createExport([textPart('Why?')], [textPart('a\n```\nb <c>\n```')]));
  const [, style = ''] = /<style>([^<]*)<\/style>/.exec(html) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(html).toContain(`content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`);
  expect(html).not.toMatch(/\b(?:src|href|style|on\w+)=|url\(|@import|<script/);
  expect(html).toContain('<pre><code>\nb &lt;c&gt;</code></pre>');
});
