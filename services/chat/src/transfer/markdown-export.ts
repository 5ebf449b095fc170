import type { ExportedConversation, MessagePart } from '@prodigon/contracts/conversations';
import { activePathOf, type ExportedMessage } from './active-path.ts';
import { isSelfContained } from './markdown-blocks.ts';
import { describeMessage } from './message-description.ts';

/**
 * Returns the active path of a conversation as Markdown. Questions are quotes, and so are responses that
 * end within a block, e.g. because they were stopped. Other responses are unchanged. No text can change what follows it.
 */
export function renderMarkdown(exported: ExportedConversation): string {
  const { title, system_prompt: systemPrompt } = exported.conversation;
  const sections = [
    `# ${escapeMarkdown(title) || 'Conversation'}`,
    ...(systemPrompt === null ? [] : ['## System prompt', quote(systemPrompt)]),
    ...activePathOf(exported).flatMap(renderMessage),
  ];
  return `${sections.join('\n\n')}\n`;
}

function renderMessage(message: ExportedMessage): string[] {
  const { label, details } = describeMessage(message);
  const heading = `## ${label}`;
  return [
    heading,
    `*${details.map(escapeMarkdown).join(' · ')}*`,
    ...message.parts.map((part) => renderPart(part, message.role)),
  ];
}

function renderPart(part: MessagePart, role: ExportedMessage['role']): string {
  switch (part.type) {
    case 'text':
      return role === 'assistant' && isSelfContained(part.text) ? part.text : quote(part.text);
    case 'reasoning':
      return `<details>\n<summary>Reasoning</summary>\n\n${fence(part.text)}\n\n</details>`;
    case 'tool_call':
      return `Tool call ${codeSpan(part.name)}:\n\n${fence(part.arguments, 'json')}`;
    case 'tool_result':
      return `Result:\n\n${fence(part.text)}`;
    case 'attachment':
      return `Attachment: ${codeSpan(part.name)}`;
  }
}

const quote = (text: string) => text.replace(/^/gm, '> ');

/** Returns a code block whose fence is longer than any in its text. */
function fence(text: string, info = ''): string {
  const mark = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${mark}${info}\n${text}\n${mark}`;
}

function codeSpan(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const mark = '`'.repeat(longestRun(line) + 1);
  return `${mark} ${line} ${mark}`;
}

const longestRun = (text: string) => Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
const escapeMarkdown = (text: string) =>
  text.replace(/\s+/g, ' ').replace(/[!-/:-@[-`{-~]/g, (mark) => (/[,:;.()'/?%-]/.test(mark) ? mark : `\\${mark}`));
