import { AppError } from '@prodigon/contracts';
import { isRecord, type JsonRecord, listOf, nameOf, recordOf, textOf, timeOf } from '../json-values.ts';
import { convertInTurns, type SourceConversation, type SourceMessage, type SourceNode } from '../source-conversation.ts';
import { chatGptParts } from './chatgpt-content.ts';

/**
 * Reads a conversation of ChatGPT's export: nodes by id with the chosen one. Exports of earlier years name the model in each
 * message; today's may do so only in the conversation, and their messages may have no metadata.
 */
export async function readChatGptConversation(value: JsonRecord): Promise<SourceConversation> {
  if (!isRecord(value.mapping)) throw new AppError('VALIDATION_ERROR', 'The conversation has no messages: `mapping` is missing.');
  const entries = Object.entries(value.mapping).map(([id, node]) => ({ id, node: recordOf(node) }));
  const defaultModel = nameOf(value.default_model_slug);
  const ranks = new Map<string, number>();
  for (const { node } of entries) for (const [rank, child] of listOf(node.children).entries()) ranks.set(textOf(child), rank);

  let systemPrompt: string | undefined;
  const nodes = await convertInTurns(entries, ({ id, node }): SourceNode => {
    const parentId = nameOf(node.parent) ?? null;
    systemPrompt ??= customInstructions(recordOf(node.message));
    return { id, parentId, rank: ranks.get(id), message: messageOf(node, { parentId, defaultModel }) };
  });
  return {
    format: 'chatgpt',
    id: nameOf(value.conversation_id) ?? nameOf(value.id),
    title: textOf(value.title),
    systemPrompt,
    model: defaultModel,
    isArchived: value.is_archived === true,
    isPinned: value.is_starred === true,
    createdAt: timeOf(value.create_time),
    updatedAt: timeOf(value.update_time),
    ...mergeResponses(nodes, nameOf(value.current_node) ?? null),
  };
}

const isHidden = (message: JsonRecord) => recordOf(message.metadata).is_visually_hidden_from_conversation === true;

/** Returns null for nodes that the page of ChatGPT does not show. */
function messageOf(
  { message }: JsonRecord,
  { parentId, defaultModel }: { parentId: string | null; defaultModel: string | undefined },
): SourceMessage | null {
  if (!isRecord(message) || isHidden(message) || isInstructions(message)) return null;
  const parts = chatGptParts(message, parentId);
  if (parts.length === 0) return null;
  const role = roleOf(recordOf(message.author).role);
  return {
    role,
    parts,
    status: STATUSES[textOf(message.status)] ?? 'done',
    model: role === 'assistant' ? (nameOf(recordOf(message.metadata).model_slug) ?? defaultModel ?? null) : null,
    created_at: timeOf(message.create_time),
  };
}

const STATUSES: Readonly<Record<string, 'stopped' | 'interrupted'>> = {
  finished_partial_completion: 'stopped',
  in_progress: 'interrupted',
};

const roleOf = (role: unknown) => (role === 'assistant' || role === 'system' || role === 'tool' ? role : 'user');

const isInstructions = ({ content }: JsonRecord) =>
  /^(user|model)_editable_context$/.test(textOf(recordOf(content).content_type));

/** Returns the instructions that the user gave for all conversations. */
function customInstructions({ content }: JsonRecord): string | undefined {
  const { content_type: type, user_profile: profile, user_instructions: instructions } = recordOf(content);
  if (type !== 'user_editable_context') return undefined;
  return [profile, instructions].map(nameOf).filter(Boolean).join('\n\n') || undefined;
}

/**
 * Merges the nodes of one response (reasoning, calls of tools, their results and the text) into its first one, because
 * ChatGPT has a node for each. A node with siblings stays separate.
 */
function mergeResponses(
  nodes: readonly SourceNode[],
  activeId: string | null,
): { readonly nodes: readonly SourceNode[]; readonly activeId: string | null } {
  const childCounts = new Map<string, number>();
  for (const { parentId } of nodes) if (parentId !== null) childCounts.set(parentId, (childCounts.get(parentId) ?? 0) + 1);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const childOf = new Map(nodes.map(({ id, parentId }) => [parentId, id]));
  const isContinuation = ({ parentId, message }: SourceNode) => {
    const parent = parentId === null ? undefined : byId.get(parentId);
    if (!parent || parentId === null || childCounts.get(parentId) !== 1) return false;
    return isOfResponse(parent.message, { orHidden: false }) && isOfResponse(message, { orHidden: true });
  };
  const continuations = new Set(nodes.filter(isContinuation).map(({ id }) => id));
  const merged = new Map<string, string>();
  const result = nodes
    .filter(({ id }) => !continuations.has(id))
    .map((first) => {
      const chain = [first];
      for (let id = childOf.get(first.id); id !== undefined && continuations.has(id); id = childOf.get(id)) {
        const node = byId.get(id);
        if (!node || merged.has(id)) break;
        merged.set(id, first.id);
        chain.push(node);
      }
      return chain.length === 1 ? first : { ...first, message: mergedMessage(chain) };
    });
  // Circles of continuations have no first node.
  const left = nodes.filter(({ id }) => continuations.has(id) && !merged.has(id));
  const firstOf = (id: string) => merged.get(id) ?? id;
  return {
    nodes: [...result, ...left].map((node) => (node.parentId === null ? node : { ...node, parentId: firstOf(node.parentId) })),
    activeId: activeId === null ? null : firstOf(activeId),
  };
}

function isOfResponse(message: SourceMessage | null, { orHidden }: { orHidden: boolean }): boolean {
  return message === null ? orHidden : message.role === 'assistant' || message.role === 'tool';
}

function mergedMessage(chain: readonly SourceNode[]): SourceMessage | null {
  const messages = chain.flatMap(({ message }) => message ?? []);
  const [first] = messages;
  const last = messages.at(-1);
  if (!first || !last) return null;
  const model = messages.findLast(({ model }) => model)?.model ?? null;
  return { ...first, role: 'assistant', parts: messages.flatMap(({ parts }) => parts), model, status: last.status ?? 'done' };
}
