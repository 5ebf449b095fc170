import type { MessagePart } from '@prodigon/contracts/conversations';
import { codeBlock } from '../../code-block.ts';
import { bytesOf, isRecord, type JsonRecord, jsonTextOf, listOf, nameOf, recordOf, textOf } from '../json-values.ts';
import { namedAttachment, reasoningPart, textPart, unsupportedPart } from '../source-conversation.ts';

/** Marks of citations, which only ChatGPT's own page can resolve. */
const CITATION_MARKS = /\ue200[^\ue200\ue201]{0,1000}\ue201/g;

/** Returns the parts of a message of ChatGPT. `parentId` is the message that a tool answers. */
export function chatGptParts(message: JsonRecord, parentId: string | null): MessagePart[] {
  const author = recordOf(message.author);
  const content = recordOf(message.content);
  const parts = contentParts(content, recordOf(message.metadata));
  if (author.role === 'tool') {
    const { texts, others } = splitTexts(parts);
    const text = texts.join('\n\n');
    return [...(text === '' ? [] : ([{ type: 'tool_result', id: parentId ?? '', text }] as const)), ...others];
  }
  const recipient = nameOf(message.recipient) ?? 'all';
  if (author.role === 'assistant' && recipient !== 'all') {
    const { texts, others } = splitTexts(content.content_type === 'code' ? textPart(textOf(content.text)) : parts);
    return [...others, { type: 'tool_call', id: nameOf(message.id) ?? '', name: recipient, arguments: texts.join('\n') }];
  }
  return parts;
}

function splitTexts(parts: readonly MessagePart[]): { texts: string[]; others: MessagePart[] } {
  return {
    texts: parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])),
    others: parts.filter(({ type }) => type !== 'text'),
  };
}

function contentParts(content: JsonRecord, metadata: JsonRecord): MessagePart[] {
  const text = textOf(content.text);
  const type = nameOf(content.content_type) ?? 'text';
  switch (type) {
    case 'text':
    case 'multimodal_text': {
      const files = listOf(metadata.attachments).filter(isRecord);
      const parts = joinTexts(listOf(content.parts).flatMap((part) => itemParts(part, files)));
      const named = new Set(parts.flatMap((part) => (part.type === 'attachment' ? [part.name] : [])));
      return [...parts, ...files.map(fileOf).filter((file) => !named.has(file.name))];
    }
    case 'code': {
      const language = nameOf(content.language);
      return textPart(text === '' ? '' : codeBlock(text, language === undefined || language === 'unknown' ? '' : language));
    }
    case 'execution_output':
      return textPart(text);
    case 'system_error':
      return textPart([textOf(content.name), text].filter(Boolean).join(': '));
    case 'thoughts':
      return reasoningPart(thoughtsText(content));
    case 'reasoning_recap':
      return reasoningPart(textOf(content.content) || stringsOf(content.parts));
    case 'tether_quote':
    case 'sonic_webpage': {
      const source = [nameOf(content.title), nameOf(content.url)].filter(Boolean).join(', ');
      return textPart([source, text || textOf(content.snippet)].filter(Boolean).join('\n\n'));
    }
    case 'tether_browsing_display':
      return textPart([textOf(content.summary), textOf(content.result)].filter(Boolean).join('\n\n'));
    case 'tether_browsing_code':
    case 'computer_output':
      return textPart(text || textOf(content.result));
    default:
      return [unsupportedPart(type), ...textPart(text || textOf(content.result) || stringsOf(content.parts))];
  }
}

/** Returns the parts for one item of `parts`. */
function itemParts(item: unknown, files: readonly JsonRecord[]): MessagePart[] {
  if (typeof item === 'string') return textPart(item.replace(CITATION_MARKS, ''));
  if (!isRecord(item)) return [];
  const type = nameOf(item.content_type) ?? 'unknown';
  switch (type) {
    case 'image_asset_pointer':
    case 'audio_asset_pointer':
    case 'video_container_asset_pointer':
      return [assetOf(item, files)];
    case 'real_time_user_audio_video_asset_pointer':
      return [assetOf(recordOf(item.audio_asset_pointer), files)];
    case 'audio_transcription':
      return textPart(textOf(item.text));
    case 'tether_quote':
    case 'sonic_webpage':
    case 'tether_browsing_display':
      return contentParts(item, {});
    default:
      return [unsupportedPart(type), ...textPart(textOf(item.text) || textOf(item.result))];
  }
}

type AttachmentPart = Extract<MessagePart, { type: 'attachment' }>;

/** Returns the file of a pointer such as `file-service://file-abc` or `sediment://file_abc`. */
function assetOf(pointer: JsonRecord, files: readonly JsonRecord[]): MessagePart {
  const id = textOf(pointer.asset_pointer).replace(/^[a-z-]+:\/\//, '');
  const file = files.find((file) => file.id === id && id !== '');
  if (file) return fileOf(file);
  const kind = textOf(pointer.content_type).split('_')[0] || 'audio';
  return namedAttachment(id || kind, `${kind}/*`, bytesOf(pointer.size_bytes));
}

function fileOf(file: JsonRecord): AttachmentPart {
  const mediaType = nameOf(file.mime_type) ?? nameOf(file.mimeType) ?? 'application/octet-stream';
  const name = nameOf(file.name) ?? nameOf(file.id) ?? 'File';
  return namedAttachment(name, mediaType, bytesOf(file.size)) as AttachmentPart;
}

/** Joins texts that follow each other, which belong to one text. */
function joinTexts(parts: readonly MessagePart[]): MessagePart[] {
  const joined: MessagePart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === 'text' && last?.type === 'text')
      joined[joined.length - 1] = { type: 'text', text: `${last.text}\n${part.text}` };
    else joined.push(part);
  }
  return joined;
}

function thoughtsText(content: JsonRecord): string {
  const thoughts = listOf(content.thoughts).map((thought) => {
    const { summary, content: text } = recordOf(thought);
    return [nameOf(summary) && `**${textOf(summary)}**`, textOf(text)].filter(Boolean).join('\n\n');
  });
  return thoughts.filter(Boolean).join('\n\n') || stringsOf(content.parts) || jsonTextOf(content.text);
}

const stringsOf = (parts: unknown): string => listOf(parts).map(textOf).filter(Boolean).join('\n');
