import type { SequenceDiagram } from '@prodigon/contracts/workshop';
import { expect, it } from 'vitest';
import { textOptionsOf } from '../../text-glyphs.ts';
import { drawSequenceDiagram } from './sequence-diagram.ts';

const optionsOf = (columns: number, env: NodeJS.ProcessEnv = {}) =>
  textOptionsOf({ stdout: { columns } as NodeJS.WriteStream, env });
const participants = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ id, label: `Service ${id}`, is_learner: id === 'b' }));
const message = (from: string, to: string, sent: number, values = {}) => ({
  ...{ type: 'message' as const, from, to, label: 'Call', sent_at_ms: sent, received_at_ms: sent, is_error: false },
  ...values,
});
const diagramOf = (count: number, events: SequenceDiagram['events']): SequenceDiagram => ({
  participants: participants.slice(0, count),
  events,
  length_ms: 100,
});

it('draws messages of three participants in the order of time', () => {
  const events = [message('c', 'a', 20, { is_error: true }), message('a', 'b', 0), message('b', 'c', 1.26)];
  expect(drawSequenceDiagram(diagramOf(3, events), optionsOf(80))).toEqual([
    '     ms  Service a                   Service b (you)             Service c',
    '      0  │── Call ──────────────────▶│                           │',
    '    1.3  │                           │── Call ──────────────────▶│',
    '     20  │◀─ ! Call ─────────────────────────────────────────────│',
  ]);
});

it('draws with ASCII characters on a simple terminal', () => {
  const [, line] = drawSequenceDiagram(diagramOf(2, [message('a', 'b', 0)]), optionsOf(60, { TERM: 'dumb' }));
  expect(line).toBe('      0  |-- Call --------------------------->|');
});

it('cuts labels to the gap, and removes control characters', () => {
  const label = `${'long '.repeat(40)}\u001b[31m`;
  for (const line of drawSequenceDiagram(diagramOf(2, [message('a', 'b', 0, { label })]), optionsOf(60))) {
    expect(line.length).toBeLessThanOrEqual(60);
    expect(line).not.toContain('\u001b');
  }
});

it('lists the events when the participants do not fit side by side', () => {
  const events = [message('a', 'f', 3, { received_at_ms: null }), { type: 'mark' as const, label: 'deadline', at_ms: 5 }];
  expect(drawSequenceDiagram(diagramOf(6, events), optionsOf(60))).toEqual([
    '      3  a to f: Call (never arrived)',
    '      5  deadline',
  ]);
});

it('shows both ends and the first errors of a long diagram', () => {
  const events = Array.from({ length: 300 }, (_, index) => message('a', 'b', index, { is_error: index === 100 }));
  const lines = drawSequenceDiagram(diagramOf(2, events), optionsOf(60));
  expect(lines).toHaveLength(1 + 15 + 1 + 1 + 1 + 15);
  expect(lines.filter((line) => line.includes('more events')).map((line) => line.trim())).toEqual([
    '… 85 more events',
    '… 184 more events',
  ]);
  expect(lines.join('\n')).toContain('! Call');
});
