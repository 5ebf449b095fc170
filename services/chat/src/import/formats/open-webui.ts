import type { MessagePart } from '@prodigon/contracts/conversations';
import { bytesOf, isRecord, type JsonRecord, jsonTextOf, listOf, nameOf, recordOf, textOf, timeOf } from '../json-values.ts';
import {
  convertInTurns,
  namedAttachment,
  reasoningPart,
  type SourceConversation,
  type SourceNode,
  textPart,
  unsupportedPart,
} from '../source-conversation.ts';

/** Reads a conversation of Open WebUI: a tree of messages by id, with the chosen one, or only a list of messages. */
export async function readOpenWebUiConversation(value: JsonRecord): Promise<SourceConversation> {
  const chat = isRecord(value.chat) ? value.chat : value;
  const history = recordOf(chat.history);
  const isTree = isRecord(history.messages);
  const entries: [string | undefined, JsonRecord][] = isTree
    ? Object.entries(history.messages as JsonRecord).map(([id, message]) => [id, recordOf(message)])
    : listOf(chat.messages).map((message) => [nameOf(recordOf(message).id), recordOf(message)]);
  const ranks = isTree ? ranksOf(entries) : undefined;
  const idOf = (index: number) => entries[index]?.[0] ?? `message-${index}`;
  const [chatModel] = listOf(chat.models).map(nameOf);
  const nodes = await convertInTurns(entries, ([, message], index): SourceNode => {
    const id = idOf(index);
    const previous = index === 0 ? null : idOf(index - 1);
    const parts = partsOf(message);
    const role = roleOf(message.role);
    return {
      id,
      parentId: isTree || message.parentId !== undefined ? (nameOf(message.parentId) ?? null) : previous,
      rank: ranks?.get(id),
      message:
        parts.length === 0
          ? null
          : {
              role,
              parts,
              status:
                isRecord(message.error) || message.error === true ? 'failed' : message.done === false ? 'interrupted' : 'done',
              model: role === 'assistant' ? (nameOf(message.model) ?? chatModel ?? null) : null,
              created_at: timeOf(message.timestamp),
            },
    };
  });
  return {
    format: 'open_webui',
    id: nameOf(value.id) ?? nameOf(chat.id),
    title: textOf(value.title) || textOf(chat.title),
    systemPrompt: nameOf(chat.system) ?? nameOf(recordOf(chat.params).system),
    model: chatModel,
    isArchived: value.archived === true,
    isPinned: value.pinned === true,
    tags: [...listOf(recordOf(value.meta).tags), ...listOf(chat.tags)].map((tag) => textOf(isRecord(tag) ? tag.name : tag)),
    createdAt: timeOf(value.created_at) ?? timeOf(chat.timestamp),
    updatedAt: timeOf(value.updated_at),
    nodes,
    activeId: nameOf(history.currentId) ?? null,
  };
}

function ranksOf(entries: readonly [string | undefined, JsonRecord][]): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const [, { childrenIds }] of entries) for (const [rank, id] of listOf(childrenIds).entries()) ranks.set(textOf(id), rank);
  return ranks;
}

function roleOf(role: unknown): 'user' | 'assistant' | 'system' | 'tool' {
  return role === 'assistant' || role === 'system' || role === 'tool' ? role : 'user';
}

function partsOf(message: JsonRecord): MessagePart[] {
  const output = listOf(message.output).filter(isRecord).flatMap(outputParts);
  const content = Array.isArray(message.content)
    ? message.content.filter(isRecord).flatMap(contentParts)
    : splitDetails(textOf(message.content));
  const files = listOf(message.files)
    .filter(isRecord)
    .map((file) => {
      const stored = recordOf(file.file);
      const name = nameOf(file.name) ?? nameOf(stored.filename) ?? (file.type === 'image' ? 'Image' : 'File');
      const isImage = file.type === 'image';
      const mediaType = nameOf(file.content_type) ?? (isImage ? 'image/*' : 'application/octet-stream');
      return namedAttachment(name, mediaType, bytesOf(file.size));
    });
  const error = textOf(recordOf(message.error).content);
  const parts = [...(output.some(({ type }) => type === 'text') ? output : content), ...files];
  return parts.length === 0 ? textPart(error) : parts;
}

/** Items of the API for responses, which newer versions store beside the text. */
function outputParts(item: JsonRecord): MessagePart[] {
  const text = () => (Array.isArray(item.content) ? item.content.map((part) => textOf(recordOf(part).text)).join('') : '');
  const id = nameOf(item.call_id) ?? nameOf(item.id) ?? '';
  switch (item.type) {
    case 'reasoning':
      return reasoningPart(text());
    case 'message':
      return textPart(text());
    case 'function_call':
      return [{ type: 'tool_call', id, name: nameOf(item.name) ?? 'tool', arguments: jsonTextOf(item.arguments ?? '') }];
    case 'function_call_output': {
      const parts = Array.isArray(item.output) ? item.output.map((part) => textOf(recordOf(part).text)).join('\n') : undefined;
      return [{ type: 'tool_result', id, text: parts ?? jsonTextOf(item.output ?? '') }];
    }
    default:
      return [unsupportedPart(nameOf(item.type) ?? 'unknown')];
  }
}

function contentParts(part: JsonRecord): MessagePart[] {
  if (part.type === 'text') return textPart(textOf(part.text));
  if (part.type === 'image_url') return [namedAttachment('Image', 'image/*')];
  return [unsupportedPart(nameOf(part.type) ?? 'unknown')];
}

const DETAILS =
  /<details type="(reasoning|tool_calls|code_interpreter)"[^>]{0,1000}>(?:\s{0,9}<summary>[^<]{0,1000}<\/summary>)?/g;
const END_OF_DETAILS = '</details>';
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
  '&#39;': "'",
  '&amp;': '&',
};

/** Splits text in which earlier versions store reasoning and tool calls as HTML. */
function splitDetails(content: string): MessagePart[] {
  if (!content.includes('<details type="')) return textPart(content);
  const parts: MessagePart[] = [];
  let end = 0;
  for (const match of content.matchAll(DETAILS)) {
    if (match.index < end) continue;
    const [whole, type] = match;
    const start = match.index + whole.length;
    const close = content.indexOf(END_OF_DETAILS, start);
    if (close === -1) break;
    parts.push(...textPart(content.slice(end, match.index).trim()));
    const inner = content.slice(start, close).replace(/&(?:lt|gt|quot|#x27|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity);
    if (type === 'reasoning') parts.push(...reasoningPart(inner.trim().replace(/^> ?/gm, '')));
    else if (inner.trim() !== '') parts.push({ type: 'tool_result', id: '', text: inner.trim() });
    end = close + END_OF_DETAILS.length;
  }
  return [...parts, ...textPart(content.slice(end).trim())];
}
