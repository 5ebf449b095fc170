import { AppError } from '@prodigon/contracts';
import type { ImportFormat } from '@prodigon/contracts/conversations';
import { readChatGptConversation } from './formats/chatgpt.ts';
import { readClaudeConversation } from './formats/claude.ts';
import { readLibreChatConversation } from './formats/librechat.ts';
import { readOpenWebUiConversation } from './formats/open-webui.ts';
import { readProdigonConversation } from './formats/prodigon.ts';
import { isRecord, type JsonRecord } from './json-values.ts';
import type { SourceConversation } from './source-conversation.ts';

interface Format {
  readonly name: ImportFormat;
  readonly matches: (value: JsonRecord) => boolean;
  readonly read: (value: JsonRecord) => Promise<SourceConversation>;
}

const has = (value: JsonRecord, ...fields: readonly string[]) => fields.some((field) => Object.hasOwn(value, field));

/** Files of several products have the same name, so only the shape of a conversation tells its format. */
const FORMATS: readonly Format[] = [
  { name: 'prodigon', matches: (value) => has(value, 'prodigon_conversation'), read: readProdigonConversation },
  // Without a mapping, the conversation is broken.
  {
    name: 'chatgpt',
    matches: (value) => has(value, 'mapping', 'current_node', 'default_model_slug'),
    read: readChatGptConversation,
  },
  { name: 'claude', matches: (value) => has(value, 'chat_messages'), read: readClaudeConversation },
  {
    name: 'librechat',
    matches: (value) => has(value, 'conversationId') && has(value, 'messagesTree', 'messages'),
    read: readLibreChatConversation,
  },
  {
    name: 'open_webui',
    matches: ({ chat, ...value }) =>
      (isRecord(chat) && has(chat, 'history', 'messages')) || (isRecord(value.history) && isRecord(value.history.messages)),
    read: readOpenWebUiConversation,
  },
];

/** Returns the format of a conversation by its shape; undefined for anything else. */
export const detectFormat = (value: unknown): Format | undefined =>
  isRecord(value) ? FORMATS.find(({ matches }) => matches(value)) : undefined;

/** Lists of conversations within an object, e.g. of an export of a whole account. */
const LIST_FIELDS = ['conversations', 'chats', 'data'] as const;

/** Returns the conversations within an object that is not one itself. */
export function listWithin(value: unknown): readonly unknown[] | undefined {
  if (!isRecord(value) || detectFormat(value)) return undefined;
  return LIST_FIELDS.map((field) => value[field]).find((list): list is unknown[] => Array.isArray(list));
}

export const unknownShapeError = (): AppError =>
  new AppError('VALIDATION_ERROR', 'The entry is not a conversation in a known format.');
