import type { MessagePart } from '@prodigon/contracts/conversations';
import { codeBlock } from '../../code-block.ts';
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

/** Reads a conversation of an export of Claude: a list of messages, whose parents newer exports name. */
export async function readClaudeConversation(value: JsonRecord): Promise<SourceConversation> {
  const entries = listOf(value.chat_messages).map(recordOf);
  const hasParents = entries.some(({ parent_message_uuid: parent }) => nameOf(parent) !== undefined);
  const idOf = (index: number) => nameOf(entries[index]?.uuid) ?? `message-${index}`;
  const nodes = await convertInTurns(entries, (entry, index): SourceNode => {
    const previous = index === 0 ? null : idOf(index - 1);
    const role = entry.sender === 'assistant' ? 'assistant' : entry.sender === 'system' ? 'system' : 'user';
    const parts = partsOf(entry);
    return {
      id: idOf(index),
      parentId: hasParents ? (nameOf(entry.parent_message_uuid) ?? null) : previous,
      message:
        parts.length === 0
          ? null
          : {
              role,
              parts,
              status: 'done',
              model: role === 'assistant' ? (nameOf(entry.model) ?? nameOf(value.model) ?? null) : null,
              created_at: timeOf(entry.created_at),
            },
    };
  });
  return {
    format: 'claude',
    id: nameOf(value.uuid),
    title: textOf(value.name),
    model: nameOf(value.model),
    isPinned: value.is_starred === true,
    createdAt: timeOf(value.created_at),
    updatedAt: timeOf(value.updated_at),
    nodes,
    activeId: nameOf(value.current_leaf_message_uuid) ?? nodes.at(-1)?.id ?? null,
  };
}

function partsOf(entry: JsonRecord): MessagePart[] {
  const blocks = listOf(entry.content).filter(isRecord).flatMap(blockParts);
  const hasText = blocks.some(({ type }) => type === 'text');
  const attachments = listOf(entry.attachments).filter(isRecord).flatMap(attachmentParts);
  const named = new Set(attachments.flatMap((part) => (part.type === 'attachment' ? [part.name] : [])));
  const files = ['files', 'files_v2']
    .flatMap((field) => listOf(entry[field]))
    .filter(isRecord)
    .map((file) => ({ name: nameOf(file.file_name) ?? nameOf(file.file_uuid), isImage: file.file_kind === 'image' }))
    .filter(({ name }) => name !== undefined && !named.has(name) && Boolean(named.add(name)))
    .map(({ name = '', isImage }) => namedAttachment(name, isImage ? 'image/*' : 'application/octet-stream'));
  return [...blocks, ...(hasText ? [] : textPart(textOf(entry.text))), ...attachments, ...files];
}

function blockParts(block: JsonRecord): MessagePart[] {
  switch (block.type) {
    case 'text':
      return textPart(textOf(block.text));
    case 'thinking':
      return reasoningPart(textOf(block.thinking));
    case 'voice_note':
      return textPart(textOf(block.text) || textOf(block.title));
    case 'tool_use': {
      const id = nameOf(block.id) ?? '';
      return [{ type: 'tool_call', id, name: nameOf(block.name) ?? 'tool', arguments: jsonTextOf(block.input) }];
    }
    case 'tool_result':
      return [{ type: 'tool_result', id: nameOf(block.tool_use_id) ?? '', text: resultText(block.content) }];
    case 'token_budget':
    case 'flag':
      return [];
    default:
      return [unsupportedPart(nameOf(block.type) ?? 'unknown')];
  }
}

function resultText(content: unknown): string {
  if (!Array.isArray(content)) return jsonTextOf(content);
  return content.map((item) => (isRecord(item) && typeof item.text === 'string' ? item.text : jsonTextOf(item))).join('\n');
}

/** Returns the file, and its text, which is a part of the question. Pasted text has no name. */
function attachmentParts(attachment: JsonRecord): MessagePart[] {
  const name = nameOf(attachment.file_name);
  const text = textOf(attachment.extracted_content);
  const file =
    name === undefined
      ? []
      : [namedAttachment(name, nameOf(attachment.file_type) ?? 'text/plain', bytesOf(attachment.file_size))];
  return [...file, ...textPart(text === '' ? '' : codeBlock(text))];
}
