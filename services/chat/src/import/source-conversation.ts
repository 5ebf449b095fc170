import { AppError } from '@prodigon/contracts';
import { CONVERSATION_LIMITS, type ImportFormat, type MessagePart } from '@prodigon/contracts/conversations';
import { nextTurn } from '@prodigon/platform';
import type { ImportedMessage } from '@prodigon/ports';

export type SourceMessage = Omit<ImportedMessage, 'sourceId' | 'parentSourceId'>;

/** A node of the tree of messages in a file. Nothing about the tree is checked yet. */
export interface SourceNode {
  readonly id: string;
  readonly parentId: string | null;
  /** Position among its siblings; the order in the file without it. */
  readonly rank?: number | undefined;
  /** Null for a node that is not shown. Its children follow its parent. */
  readonly message: SourceMessage | null;
}

/** A conversation of a file, before its tree is checked and its text is made storable. */
export interface SourceConversation {
  readonly format: ImportFormat;
  readonly id: string | undefined;
  readonly title: string;
  readonly systemPrompt?: string | undefined;
  readonly model?: string | undefined;
  readonly isArchived?: boolean | undefined;
  readonly isPinned?: boolean | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly nodes: readonly SourceNode[];
  /** The end of the branch that the user had chosen. */
  readonly activeId: string | null;
}

/** Nodes that are not shown count, too. */
const NODES_MAX = 5 * CONVERSATION_LIMITS.conversationMessagesMax;
/** Nodes that one turn of the event loop converts. */
const NODES_PER_TURN = 200;

/** Converts the nodes of a conversation in turns of the event loop. Throws `VALIDATION_ERROR` for too many. */
export async function convertInTurns<Node, Converted>(
  nodes: readonly Node[],
  convert: (node: Node, index: number) => Converted,
): Promise<Converted[]> {
  if (nodes.length > NODES_MAX) throw tooManyMessagesError();
  const converted: Converted[] = [];
  for (const [index, node] of nodes.entries()) {
    if (index % NODES_PER_TURN === NODES_PER_TURN - 1) await nextTurn();
    converted.push(convert(node, index));
  }
  return converted;
}

export const tooManyMessagesError = (): AppError =>
  new AppError(
    'VALIDATION_ERROR',
    `The conversation has more than ${CONVERSATION_LIMITS.conversationMessagesMax.toLocaleString('en')} messages.`,
  );

export const textPart = (text: string): MessagePart[] => (text === '' ? [] : [{ type: 'text', text }]);
export const reasoningPart = (text: string): MessagePart[] => (text.trim() === '' ? [] : [{ type: 'reasoning', text }]);

/** A file of which the export has only the name. */
export const namedAttachment = (name: string, mediaType: string, bytes: number | null = null): MessagePart => ({
  type: 'attachment',
  attachment_id: null,
  name,
  media_type: mediaType,
  bytes,
});

export const unsupportedPart = (type: string): MessagePart => ({
  type: 'text',
  text: `[Content of the type “${type}” is not supported.]`,
});
