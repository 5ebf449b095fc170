import type { ExportedConversation, MessagePart } from '@prodigon/contracts/conversations';
import { exampleConversation, exampleQuestion, exampleResponse } from '../conversation-examples.ts';

/** Texts that try to change the document around them. */
export const HOSTILE_TEXTS: readonly string[] = [
  'plain',
  '```js\nopen fence',
  '~~~\nopen',
  '````\n```\nstill open',
  '- ```\n  in a list',
  '1. a\n   ```\ncode\n   ```',
  '- a\n  ```\ncode\n```',
  '<!-- open comment',
  '<script>alert(1)',
  '<pre>\nopen',
  '<?php',
  '<![CDATA[ a',
  '<!DOCTYPE html',
  'a\n# Heading\n\nb\n===\n',
  '</details>\n\n## Heading',
  '> quote\nlazy',
  '</article></main><img src=x onerror=alert(1)>',
  '"\'&amp;&lt;',
  'a\r\nb\rc',
  '\n\nspaces at both ends  \n',
  '[a]: http://example.com "def"',
  '`code',
  '$$\nopen math',
  '| a |\n|---|\n| b |',
  '    indented\n\n\ttab',
  'مرحبا 👩‍👩‍👧 \u2028 \u00a0',
];

/** Returns a conversation with a question and a response of these parts. */
export function createExport(question: MessagePart[], response: MessagePart[], title = 'A title'): ExportedConversation {
  const { generating: _generating, shared: _shared, ...conversation } = exampleConversation;
  const { sibling_ids: _question, ...first } = exampleQuestion;
  const { sibling_ids: _response, ...second } = exampleResponse;
  const messages = [
    { ...first, parts: question },
    { ...second, parts: response },
  ];
  return { prodigon_conversation: 1, conversation: { ...conversation, title }, messages };
}

export const textPart = (text: string): MessagePart => ({ type: 'text', text });
