import type { SourceMessage, SourceNode } from './source-conversation.ts';

export interface TreeMessage extends SourceMessage {
  readonly sourceId: string;
  readonly parentSourceId: string | null;
}

export interface ConversationTree {
  /** Parents before children, and siblings in their order. */
  readonly messages: readonly TreeMessage[];
  readonly activeSourceId: string | null;
}

/**
 * Builds the tree of the messages that are shown. A message whose parent is missing becomes a first message, and so does one
 * in each circle of parents. A repeated id gets a suffix.
 */
export function buildTree(nodes: readonly SourceNode[], activeId: string | null): ConversationTree {
  const byId = uniqueNodes(nodes);
  const shownAncestor = createAncestorSearch(byId);
  const children = new Map<string | null, string[]>();
  for (const [id, node] of byId) {
    if (!node.message) continue;
    const parentId = node.parentId === null ? null : shownAncestor(node.parentId);
    const siblings = children.get(parentId);
    if (siblings) siblings.push(id);
    else children.set(parentId, [id]);
  }
  const rankOf = (id: string) => byId.get(id)?.rank ?? Number.MAX_SAFE_INTEGER;
  for (const siblings of children.values()) siblings.sort((one, other) => rankOf(one) - rankOf(other));

  const messages: TreeMessage[] = [];
  const visited = new Set<string>();
  const visitFrom = (firstId: string) => {
    const pending: { id: string; parentId: string | null }[] = [{ id: firstId, parentId: null }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { id, parentId } = next;
      const message = byId.get(id)?.message;
      if (visited.has(id) || !message) continue;
      visited.add(id);
      messages.push({ ...message, sourceId: id, parentSourceId: parentId });
      for (const childId of (children.get(id) ?? []).toReversed()) pending.push({ id: childId, parentId: id });
    }
  };
  for (const id of children.get(null) ?? []) visitFrom(id);
  // What is left is in circles.
  for (const [id, { message }] of byId) if (message && !visited.has(id)) visitFrom(id);
  return { messages, activeSourceId: activeId === null ? null : shownAncestor(activeId) };
}

function uniqueNodes(nodes: readonly SourceNode[]): Map<string, SourceNode> {
  const byId = new Map<string, SourceNode>();
  // Starting at 2 for each node would take quadratic time for a file that repeats one id.
  const copies = new Map<string, number>();
  for (const node of nodes) {
    let id = node.id;
    let copy = copies.get(node.id) ?? 1;
    while (byId.has(id)) {
      copy += 1;
      id = `${node.id}#${copy}`;
    }
    copies.set(node.id, copy);
    byId.set(id, node);
  }
  return byId;
}

/** Returns a function that finds the nearest shown node from an id towards the root, in constant time on average. */
function createAncestorSearch(byId: ReadonlyMap<string, SourceNode>): (id: string) => string | null {
  const found = new Map<string, string | null>();
  return (startId) => {
    const path: string[] = [];
    const onPath = new Set<string>();
    let id: string | null = startId;
    let result: string | null = null;
    while (id !== null && !onPath.has(id)) {
      const known = found.get(id);
      if (known !== undefined) {
        result = known;
        break;
      }
      const node = byId.get(id);
      if (node?.message) {
        result = id;
        break;
      }
      path.push(id);
      onPath.add(id);
      id = node?.parentId ?? null;
    }
    for (const passed of path) found.set(passed, result);
    return result;
  };
}
