import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layOutFlowchart } from './flowchart-layout.ts';
import { parseFlowchart } from './parse-flowchart.ts';
import { parseSequence } from './parse-sequence.ts';

describe('parseSequence', () => {
  it('reads participants, messages, notes, activity and blocks', () => {
    const parsed = parseSequence(`sequenceDiagram
      %% a comment
      participant C as Client
      C->>+G: POST /generate: now
      Note over C,G: one channel
      loop every token
        G--)C: token
      else nothing
        G-xC: reset
      end
      deactivate G`);
    expect(parsed?.participants).toEqual([
      { id: 'C', label: 'Client' },
      { id: 'G', label: 'G' },
    ]);
    expect(parsed?.rows.map(({ type }) => type)).toEqual([
      ...['message', 'activate', 'note', 'block', 'message', 'divider', 'message', 'end', 'deactivate'],
    ]);
    expect(parsed?.rows[0]).toMatchObject({ from: 'C', to: 'G', text: 'POST /generate: now', isDashed: false, end: 'arrow' });
    expect(parsed?.rows[4]).toMatchObject({ isDashed: true, end: 'open' });
    expect(parsed?.rows[6]).toMatchObject({ end: 'cross' });
  });

  it.each([
    'flowchart LR\na-->b',
    'sequenceDiagram\nA->>B: x\nloop forever',
    'sequenceDiagram\nbox Purple\nend',
    'sequenceDiagram',
  ])('rejects %j, so that the source is shown', (source) => {
    expect(parseSequence(source)).toBeNull();
  });
});

describe('parseFlowchart', () => {
  it('reads shapes, labels, chains and lists of nodes', () => {
    const parsed = parseFlowchart(`flowchart LR
      a([Client]) -->|HTTP/1.1| b["Gateway (8000)"] --> c{REST?}
      c -- yes --> d[(Store)] & e
      c -.-> e
      d ==> a
      subgraph services [Services]
        d
      end
      classDef x fill:#fff`);
    expect(parsed?.nodes.map(({ id, label, shape }) => [id, label, shape])).toEqual([
      ['a', 'Client', 'round'],
      ['b', 'Gateway (8000)', 'box'],
      ['c', 'REST?', 'decision'],
      ['d', 'Store', 'database'],
      ['e', 'e', 'box'],
    ]);
    expect(parsed?.edges.map(({ from, to, text, style }) => `${from} ${to} ${text} ${style}`)).toEqual([
      ...['a b HTTP/1.1 solid', 'b c  solid', 'c d yes solid', 'c e yes solid', 'c e  dashed', 'd a  thick'],
    ]);
    expect(parsed).toMatchObject({ direction: 'right', groups: [{ title: 'Services', nodes: ['d'] }] });
  });

  it.each([
    'sequenceDiagram\nA->>B: x',
    'flowchart LR\na --> ',
    'flowchart LR\nsubgraph x\na',
    'pie title x',
    'flowchart TD\na ?? b',
  ])('rejects %j, so that the source is shown', (source) => {
    expect(parseFlowchart(source)).toBeNull();
  });
});

describe('layOutFlowchart', () => {
  const layOut = (source: string) => {
    const parsed = parseFlowchart(source);
    if (!parsed) throw new Error('not parsed');
    return layOutFlowchart(parsed);
  };

  it('places nodes along the direction of their edges, also around a cycle', () => {
    const { nodes } = layOut('flowchart LR\na --> b --> c --> a');
    const xs = nodes.map(({ x }) => x);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
  });

  it('never lets two nodes overlap or leave the picture', () => {
    const { nodes, width, height } = layOut(
      'flowchart TD\na --> b & c & d\nb & c --> e[A label of several words that wraps]\na --> e\nd --> f',
    );
    for (const [index, one] of nodes.entries()) {
      expect(one.x - one.width / 2).toBeGreaterThanOrEqual(0);
      expect(one.x + one.width / 2).toBeLessThanOrEqual(width);
      expect(one.y + one.height / 2).toBeLessThanOrEqual(height);
      for (const other of nodes.slice(index + 1)) {
        const isApart =
          Math.abs(one.x - other.x) >= (one.width + other.width) / 2 ||
          Math.abs(one.y - other.y) >= (one.height + other.height) / 2;
        expect(isApart, `${one.id} and ${other.id}`).toBe(true);
      }
    }
  });
});

it('draws every diagram of the documents and lessons', () => {
  const repository = join(import.meta.dirname, '../../../../..');
  const files = globSync('{README.md,docs/**/*.md,workshop/**/*.md}', { cwd: repository });
  const diagrams = files.flatMap((file) =>
    [...readFileSync(join(repository, file), 'utf8').matchAll(/^ *```mermaid\n(.*?)^ *```/gms)].map(([, source = '']) => ({
      file,
      source,
    })),
  );
  expect(diagrams.length).toBeGreaterThan(2);
  expect(diagrams.filter(({ source }) => !parseSequence(source) && !parseFlowchart(source))).toEqual([]);
});
