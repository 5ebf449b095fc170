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

/** Reads a conversation of LibreChat: a list of messages with parents, or a tree of them. */
export async function readLibreChatConversation(value: JsonRecord): Promise<SourceConversation> {
  const options = recordOf(value.options);
  const entries = flatten(Array.isArray(value.messagesTree) ? value.messagesTree : listOf(value.messages));
  const hasParents = entries.some(({ parentId, message }) => (parentId ?? nameOf(message.parentMessageId)) !== undefined);
  const idOf = (index: number) => nameOf(entries[index]?.message.messageId) ?? `message-${index}`;
  const nodes = await convertInTurns(entries, ({ message, parentId }, index): SourceNode => {
    const previous = index === 0 ? null : idOf(index - 1);
    const parts = partsOf(message);
    const isUser =
      typeof message.isCreatedByUser === 'boolean' ? message.isCreatedByUser : /^user$/i.test(textOf(message.sender));
    return {
      id: idOf(index),
      parentId: hasParents ? (parentId ?? nameOf(message.parentMessageId) ?? null) : previous,
      message:
        parts.length === 0
          ? null
          : {
              role: isUser ? 'user' : 'assistant',
              parts,
              status: message.error === true ? 'failed' : message.unfinished === true ? 'interrupted' : 'done',
              model: isUser ? null : (nameOf(message.model) ?? nameOf(options.model) ?? null),
              created_at: timeOf(message.createdAt),
            },
    };
  });
  return {
    format: 'librechat',
    id: nameOf(value.conversationId),
    title: textOf(value.title) || textOf(options.title),
    systemPrompt: nameOf(options.promptPrefix) ?? nameOf(options.system),
    model: nameOf(options.model),
    isArchived: options.isArchived === true,
    tags: listOf(value.tags ?? options.tags).map(textOf),
    createdAt: timeOf(value.createdAt ?? options.createdAt) ?? firstTime(nodes),
    updatedAt: timeOf(value.updatedAt ?? options.updatedAt),
    nodes,
    activeId: null,
  };
}

const firstTime = (nodes: readonly SourceNode[]) => nodes.find(({ message }) => message?.created_at)?.message?.created_at ?? null;

interface TreeEntry {
  readonly message: JsonRecord;
  /** Id of the message whose child it is; undefined for a message of a list. */
  readonly parentId: string | undefined;
}

/** Returns the messages of a tree, parents before children. The tree can be deeper than the call stack. */
function flatten(tree: readonly unknown[]): TreeEntry[] {
  const entries: TreeEntry[] = [];
  const pending: TreeEntry[] = tree.map((entry) => ({ message: recordOf(entry), parentId: undefined })).reverse();
  for (let next = pending.pop(); next; next = pending.pop()) {
    entries.push(next);
    const id = nameOf(next.message.messageId) ?? `message-${entries.length - 1}`;
    for (const child of listOf(next.message.children).toReversed()) pending.push({ message: recordOf(child), parentId: id });
  }
  return entries;
}

function partsOf(message: JsonRecord): MessagePart[] {
  const content = listOf(message.content).filter(isRecord).flatMap(contentParts);
  const hasText = content.some(({ type }) => type === 'text');
  const files = [...listOf(message.files), ...listOf(message.attachments)]
    .filter(isRecord)
    .flatMap(({ filename, type, bytes }) => {
      const name = nameOf(filename);
      return name === undefined ? [] : [namedAttachment(name, nameOf(type) ?? 'application/octet-stream', bytesOf(bytes))];
    });
  return [...content, ...(hasText ? [] : textPart(textOf(message.text))), ...files];
}

function contentParts(part: JsonRecord): MessagePart[] {
  const textValue = (field: unknown) => (isRecord(field) ? textOf(field.value) : textOf(field));
  switch (part.type) {
    case 'text':
      return textPart(textValue(part.text));
    case 'think':
      return reasoningPart(textValue(part.think));
    case 'error':
      return textPart(textValue(part.error) || textValue(part.text));
    case 'tool_call': {
      const call = recordOf(part.tool_call);
      const id = nameOf(call.id) ?? '';
      const output = jsonTextOf(call.output ?? '');
      return [
        { type: 'tool_call', id, name: nameOf(call.name) ?? 'tool', arguments: jsonTextOf(call.args ?? '') },
        ...(output === '' ? [] : ([{ type: 'tool_result', id, text: output }] as const)),
      ];
    }
    case 'image_file':
    case 'image_url': {
      const image = recordOf(part.image_file ?? part.image_url);
      return [namedAttachment(nameOf(image.filename) ?? nameOf(image.file_id) ?? 'Image', 'image/*')];
    }
    default:
      return [unsupportedPart(nameOf(part.type) ?? 'unknown')];
  }
}
