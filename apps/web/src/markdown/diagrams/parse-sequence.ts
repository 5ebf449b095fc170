/** A row of a Mermaid sequence diagram, from top to bottom. */
export type SequenceRow =
  | { type: 'message'; from: string; to: string; text: string; isDashed: boolean; end: 'arrow' | 'open' | 'cross' | 'none' }
  | { type: 'note'; over: readonly string[]; side: 'left' | 'right' | 'over'; text: string }
  | { type: 'activate' | 'deactivate'; participant: string }
  | { type: 'block'; kind: string; text: string }
  | { type: 'divider'; text: string }
  | { type: 'end' };

export interface ParsedSequence {
  participants: readonly { id: string; label: string }[];
  rows: readonly SequenceRow[];
}

const PARTICIPANT = /^(?:participant|actor)\s+(\S+)(?:\s+as\s+(.+))?$/;
const MESSAGE = /^([^\s:+-]+)\s*(--?>>|--?>|--?x|--?\))\s*([+-]?)\s*([^\s:]+)\s*:\s*(.*)$/;
const NOTE = /^note\s+(over|left of|right of)\s+([^:]+):\s*(.*)$/i;
const ENDS: Record<string, 'arrow' | 'open' | 'cross' | 'none'> = { '>>': 'arrow', '>': 'none', x: 'cross', ')': 'open' };

/** Parses Mermaid's `sequenceDiagram`. Returns null for anything that it does not understand. */
export function parseSequence(source: string): ParsedSequence | null {
  const [head, ...lines] = linesOf(source);
  if (head !== 'sequenceDiagram') return null;
  const participants = new Map<string, string>();
  const rows: SequenceRow[] = [];
  const seen = (id: string) => {
    if (!participants.has(id)) participants.set(id, id);
    return id;
  };
  let depth = 0;
  for (const line of lines) {
    const [, id, label] = PARTICIPANT.exec(line) ?? [];
    if (id !== undefined) {
      participants.set(id, cleanText(label ?? id));
      continue;
    }
    const [, from, arrow = '', change, to, text = ''] = MESSAGE.exec(line) ?? [];
    if (from !== undefined && to !== undefined) {
      const end = ENDS[arrow.replace(/^--?/, '')] ?? 'arrow';
      rows.push({
        type: 'message',
        from: seen(from),
        to: seen(to),
        text: cleanText(text),
        isDashed: arrow.startsWith('--'),
        end,
      });
      if (change === '+') rows.push({ type: 'activate', participant: to });
      if (change === '-') rows.push({ type: 'deactivate', participant: from });
      continue;
    }
    const [, place = '', over, note = ''] = NOTE.exec(line) ?? [];
    if (over !== undefined) {
      const side = place.toLowerCase().startsWith('left') ? 'left' : place.toLowerCase().startsWith('right') ? 'right' : 'over';
      rows.push({ type: 'note', over: over.split(',').map((name) => seen(name.trim())), side, text: cleanText(note) });
      continue;
    }
    const [, word = '', rest = ''] = /^(\w+)\s*(.*)$/.exec(line) ?? [];
    if (word === 'activate' || word === 'deactivate') rows.push({ type: word, participant: seen(rest) });
    else if (/^(?:loop|alt|opt|par|critical|break)$/.test(word)) {
      rows.push({ type: 'block', kind: word, text: cleanText(rest) });
      depth += 1;
    } else if (/^(?:else|and|option)$/.test(word) && depth > 0) rows.push({ type: 'divider', text: cleanText(rest) });
    else if (word === 'end' && depth > 0) {
      rows.push({ type: 'end' });
      depth -= 1;
    } else if (word !== 'autonumber') return null;
  }
  if (depth > 0 || participants.size === 0) return null;
  return { participants: [...participants].map(([id, label]) => ({ id, label })), rows };
}

/** The lines of Mermaid source without comments and empty ones. */
export function linesOf(source: string): string[] {
  return source
    .split('\n')
    .map((line) => line.trim().replace(/;$/, ''))
    .filter((line) => line !== '' && !line.startsWith('%%'));
}

export function cleanText(text: string): string {
  return text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replace(/<br\s*\/?>/gi, ' ')
    .replace(/#quot;/g, '"');
}
