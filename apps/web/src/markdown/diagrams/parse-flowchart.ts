import { cleanText, linesOf } from './parse-sequence.ts';

export interface FlowNode {
  id: string;
  label: string;
  shape: 'box' | 'round' | 'database' | 'decision';
}

export interface FlowEdge {
  from: string;
  to: string;
  text: string;
  style: 'solid' | 'dashed' | 'thick';
  hasArrow: boolean;
}

export interface ParsedFlowchart {
  direction: 'down' | 'right';
  nodes: readonly FlowNode[];
  edges: readonly FlowEdge[];
  groups: readonly { title: string; nodes: readonly string[] }[];
}

const HEAD = /^(?:flowchart|graph)\s+(TD|TB|BT|LR|RL)$/;
const NODE =
  /^([\w.-]*\w)\s*(?:(\[\(|\(\[|\(\(|\[\[|\{\{|\[|\(|\{)\s*("[^"]*"|.*?)\s*(\)\]|\]\)|\)\)|\]\]|\}\}|\]|\)|\})(?=\s*(?:$|&|-|=|<)))?\s*/;
const EDGE =
  /^(?:<)?(?:--\s+([^|>]+?)\s+--+([>xo]?)|==\s+([^|>]+?)\s+==+(>?)|-\.\s+([^|>]+?)\s+\.-+(>?)|(-{2,}|={2,}|-\.+-)([>xo]?))\s*(?:\|([^|]*)\|)?\s*/;
const SHAPES: Record<string, FlowNode['shape']> = {
  '[(': 'database',
  '([': 'round',
  '((': 'round',
  '(': 'round',
  '{': 'decision',
  '{{': 'decision',
};
/** Statements about styles and clicks, which the web UI replaces with its own. */
const IGNORED = /^(?:classDef|class|style|linkStyle|click|direction)\b/;

/** Parses Mermaid's `flowchart`. Returns null for anything that it does not understand. */
export function parseFlowchart(source: string): ParsedFlowchart | null {
  const [head = '', ...lines] = linesOf(source);
  const direction = HEAD.exec(head)?.[1];
  if (!direction) return null;
  const nodes = new Map<string, FlowNode>();
  const edges: FlowEdge[] = [];
  const groups: { title: string; nodes: string[] }[] = [];
  const open: { title: string; nodes: string[] }[] = [];

  /** Reads `a & b[Label]` and returns the rest of the line; null for something else. */
  function readNodes(text: string): { ids: string[]; rest: string } | null {
    const ids: string[] = [];
    let rest = text;
    for (;;) {
      const [match, id, opening, label] = NODE.exec(rest) ?? [];
      if (match === undefined || id === undefined) return null;
      if (opening !== undefined || !nodes.has(id))
        nodes.set(id, { id, label: cleanText(label ?? id), shape: SHAPES[opening ?? ''] ?? 'box' });
      open.at(-1)?.nodes.push(id);
      ids.push(id);
      rest = rest.slice(match.length);
      if (!rest.startsWith('&')) return { ids, rest };
      rest = rest.slice(1).trimStart();
    }
  }

  for (const line of lines) {
    if (IGNORED.test(line)) continue;
    const [, name = '', title] = /^subgraph\s+(\S+?)\s*(?:\[(.*)\])?$/.exec(line) ?? [];
    const group = /^subgraph\s+(.+)$/.exec(line)?.[1];
    if (group !== undefined) {
      open.push({ title: cleanText(title ?? (name || group)), nodes: [] });
      continue;
    }
    if (line === 'end') {
      const closed = open.pop();
      if (!closed) return null;
      groups.push(closed);
      continue;
    }
    let read = readNodes(line);
    while (read && read.rest !== '') {
      const match = EDGE.exec(read.rest);
      if (!match) return null;
      const text = match[1] ?? match[3] ?? match[5] ?? match[9] ?? '';
      const end = match[2] ?? match[4] ?? match[6] ?? match[8] ?? '';
      const style = /^<?=/.test(match[0]) ? 'thick' : /^<?-\./.test(match[0]) ? 'dashed' : 'solid';
      const next = readNodes(read.rest.slice(match[0].length));
      if (!next) return null;
      for (const from of read.ids)
        for (const to of next.ids) edges.push({ from, to, text: cleanText(text), style, hasArrow: end !== '' });
      read = next;
    }
    if (!read) return null;
  }
  if (open.length > 0 || nodes.size === 0) return null;
  return { direction: /^[LR]/.test(direction) ? 'right' : 'down', nodes: [...nodes.values()], edges, groups };
}
