import { createHash } from 'node:crypto';
import { AppError, cutText, modelIdSchema } from '@prodigon/contracts';
import { CONVERSATION_LIMITS, type MessagePart } from '@prodigon/contracts/conversations';
import type { ImportedConversation } from '@prodigon/ports';
import { buildTree, type TreeMessage } from './conversation-tree.ts';
import { type SourceConversation, tooManyMessagesError } from './source-conversation.ts';

export interface StorableConversation {
  readonly conversation: ImportedConversation;
  /** Characters that cannot be stored and were replaced. */
  readonly replacedCharacters: number;
}

/** U+0000, and halves of surrogate pairs. */
const UNSTORABLE = /\0|\p{Surrogate}/gu;
/** Source ids up to this length stay as they are. */
const ID_CHARACTERS_MAX = 200;
const NAME_CHARACTERS_MAX = 255;
const UNTITLED = 'Untitled conversation';

/**
 * Returns a conversation that the store accepts: a valid tree, text without unstorable characters, names within their
 * limits, and a title. `digest` identifies a conversation without an id. Throws `VALIDATION_ERROR` for one without messages.
 */
export function makeStorable(source: SourceConversation, digest: string): StorableConversation {
  const { messages, activeSourceId } = buildTree(source.nodes, source.activeId);
  if (messages.length === 0) throw new AppError('VALIDATION_ERROR', 'The conversation has no messages.');
  if (messages.length > CONVERSATION_LIMITS.conversationMessagesMax) throw tooManyMessagesError();
  let replacedCharacters = 0;
  const clean = (text: string) => {
    if (!text.includes('\0') && text.isWellFormed()) return text;
    return text.replace(UNSTORABLE, () => {
      replacedCharacters += 1;
      return '\ufffd';
    });
  };
  const name = (text: string) => cutText(clean(text), NAME_CHARACTERS_MAX);
  // A replaced or shortened id could equal another one.
  const id = (text: string) => {
    const isStorable = text.length <= ID_CHARACTERS_MAX && !text.includes('\0') && text.isWellFormed();
    return isStorable ? text : createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex');
  };
  const model = (text: string | null | undefined) => (text ? name(text) : null);

  const cleanMessage = ({ sourceId, parentSourceId, parts, meta, ...message }: TreeMessage) => ({
    ...message,
    sourceId: id(sourceId),
    parentSourceId: parentSourceId === null ? null : id(parentSourceId),
    parts: parts.map((part) => cleanPart(part, { clean, name })),
    model: model(message.model),
    provider: model(message.provider),
    ...(meta && { meta: JSON.parse(JSON.stringify(meta), (_key, value) => (typeof value === 'string' ? clean(value) : value)) }),
  });
  const { systemPrompt } = source;
  const conversation: ImportedConversation = {
    sourceId: `${source.format}:${id(source.id ?? digest)}`,
    title: clean(titleOf(source, messages)),
    system_prompt: systemPrompt ? cutText(clean(systemPrompt), CONVERSATION_LIMITS.systemPromptCharactersMax) : undefined,
    model: modelIdSchema.safeParse(source.model).data,
    archived: source.isArchived,
    pinned: source.isPinned,
    tags: tagsOf(source.tags ?? [], clean),
    created_at: source.createdAt,
    updated_at: source.updatedAt,
    messages: messages.map(cleanMessage),
    activeSourceId: activeSourceId === null ? null : id(activeSourceId),
  };
  return { conversation, replacedCharacters };
}

interface Cleaners {
  readonly clean: (text: string) => string;
  /** Also limits the length. */
  readonly name: (text: string) => string;
}

function cleanPart(part: MessagePart, { clean, name }: Cleaners): MessagePart {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { ...part, text: clean(part.text) };
    case 'tool_call':
      return { ...part, id: name(part.id), name: name(part.name), arguments: clean(part.arguments) };
    case 'tool_result':
      return { ...part, id: name(part.id), text: clean(part.text) };
    case 'attachment':
      return { ...part, name: name(part.name), media_type: name(part.media_type) };
  }
}

/** Returns the title of the file, or the beginning of the first question. */
function titleOf({ title }: SourceConversation, messages: readonly TreeMessage[]): string {
  const question = messages.find(({ role }) => role === 'user')?.parts.find((part) => part.type === 'text');
  const [own = '', asked = ''] = [title, question?.type === 'text' ? question.text : ''].map((text) =>
    text.slice(0, TITLE_SOURCE_CHARACTERS).replace(/\s+/g, ' ').trim(),
  );
  return cutText(own, CONVERSATION_LIMITS.titleCharactersMax) || cutText(asked, QUESTION_TITLE_CHARACTERS) || UNTITLED;
}

const QUESTION_TITLE_CHARACTERS = 80;
/** The beginning of a text that is searched for a title. */
const TITLE_SOURCE_CHARACTERS = 2_000;

function tagsOf(tags: readonly string[], clean: (text: string) => string): string[] {
  const short = tags.map((tag) => cutText(clean(tag).trim(), CONVERSATION_LIMITS.tagCharactersMax)).filter(Boolean);
  return [...new Set(short)].slice(0, CONVERSATION_LIMITS.tagsMax);
}
