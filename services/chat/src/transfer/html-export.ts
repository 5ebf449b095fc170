import { createHash } from 'node:crypto';
import type { ExportedConversation, MessagePart } from '@prodigon/contracts/conversations';
import { activePathOf, type ExportedMessage } from './active-path.ts';
import { splitCodeBlocks } from './markdown-blocks.ts';
import { describeMessage } from './message-description.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.3; }
h2 { font-size: 1rem; margin: 0; }
article { margin: 1.5rem 0; }
article.user { border-inline-start: 3px solid; padding-inline-start: 1rem; }
.details { font-size: 0.875rem; margin: 0; }
.text { white-space: pre-wrap; margin: 0.5rem 0; }
pre { white-space: pre-wrap; border: 1px solid; border-radius: 6px; padding: 0.75rem; margin: 0.5rem 0; }
pre, code { font: 0.875rem/1.5 ui-monospace, monospace; }
summary { cursor: pointer; }
@media print { body { max-width: none; margin: 0; } h2 { break-after: avoid; } pre { break-inside: avoid-page; } }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;

/** Returns the active path of a conversation as one HTML file, which runs no script and sends no request. */
export function renderHtml(exported: ExportedConversation): string {
  const { title, system_prompt: systemPrompt } = exported.conversation;
  const heading = escapeHtml(title.trim() || 'Conversation');
  const prompt =
    systemPrompt === null ? '' : `<article class="system">\n<h2>System prompt</h2>\n${text(systemPrompt)}\n</article>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${heading}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1 dir="auto">${heading}</h1>
${prompt}${activePathOf(exported).map(renderMessage).join('\n')}
</main>
</body>
</html>
`;
}

function renderMessage(message: ExportedMessage): string {
  const { label, details } = describeMessage(message);
  const parts = message.parts.map(renderPart).join('\n');
  return `<article class="${message.role}">
<h2>${label}</h2>
<p class="details">${details.map(escapeHtml).join(' · ')}</p>
${parts}
</article>`;
}

function renderPart(part: MessagePart): string {
  switch (part.type) {
    case 'text':
      return splitCodeBlocks(part.text)
        .map(({ type, text: block }) => (type === 'code' ? code(block) : text(block)))
        .join('\n');
    case 'reasoning':
      return `<details><summary>Reasoning</summary>\n${text(part.text)}\n</details>`;
    case 'tool_call':
      return `<p>Tool call <code>${escapeHtml(part.name)}</code></p>\n${code(part.arguments)}`;
    case 'tool_result':
      return `<p>Result</p>\n${code(part.text)}`;
    case 'attachment':
      return `<p>Attachment: <bdi>${escapeHtml(part.name)}</bdi></p>`;
  }
}

const text = (content: string) => `<div class="text" dir="auto">${escapeHtml(content)}</div>`;
/** A parser drops the first line break of a \`pre\`. */
const code = (content: string) => `<pre><code>\n${escapeHtml(content)}</code></pre>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\r': '&#13;',
};
const escapeHtml = (content: string) => content.replace(/[&<>"'\r]/g, (character) => ENTITIES[character] ?? character);
