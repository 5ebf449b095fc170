import type { SequenceDiagram } from '@prodigon/contracts/workshop';
import { describe, expect, it } from 'vitest';
import { describeSequence, layOutSequence } from './sequence-layout.ts';

const message = (from: string, to: string, sent: number, received: number | null) =>
  ({
    type: 'message',
    from,
    to,
    label: `${from} to ${to}`,
    sent_at_ms: sent,
    received_at_ms: received,
    is_error: false,
  }) as const;
const diagram = (events: SequenceDiagram['events'], ids = ['client', 'adapter', 'model']): SequenceDiagram => ({
  participants: ids.map((id) => ({ id, label: id, is_learner: id === 'adapter' })),
  events,
  length_ms: 2_000,
});

describe('layOutSequence', () => {
  it('draws messages between the columns of their participants, downwards in time', () => {
    const { columns, messages } = layOutSequence(
      diagram([message('client', 'adapter', 0, 1), message('adapter', 'model', 1, 2)]),
    );
    const [first, second] = messages;
    expect(columns.map(({ x }) => x)).toEqual([...columns.map(({ x }) => x)].sort((a, b) => a - b));
    expect(first?.from.x).toBe(columns[0]?.x);
    expect(first?.to.x).toBe(columns[1]?.x);
    expect(first?.to.y).toBeGreaterThan(first?.from.y ?? 0);
    expect(second?.from.y).toBe(first?.to.y);
  });

  it('keeps labels at least a line apart, and shortens long pauses', () => {
    const { messages, height } = layOutSequence(
      diagram([message('client', 'adapter', 0, 1), message('adapter', 'model', 1, 2), message('model', 'client', 1_990, 1_991)]),
    );
    const labels = messages.map(({ label }) => label.y);
    for (const [index, y] of labels.slice(1).entries()) expect(y - (labels[index] ?? 0)).toBeGreaterThanOrEqual(26);
    expect(height).toBeLessThan(400);
  });

  it('gives each event a row of its own, also when they start at the same time', () => {
    const generates = {
      type: 'activity',
      participant: 'model',
      label: 'generates',
      from_ms: 122.5,
      to_ms: null,
      is_error: false,
    } as const;
    const part = message('model', 'adapter', 122.5, 122.5);
    const late = message('model', 'adapter', 122.6, 122.6);
    const { messages, bars, marks, columns } = layOutSequence(
      diagram([
        message('adapter', 'model', 122.5, 122.5),
        generates,
        part,
        { ...part },
        late,
        { type: 'mark', label: 'waits', at_ms: 122.6 },
      ]),
    );
    const rows = [
      ...messages.map(({ from }) => from.y),
      ...bars.map(({ label }) => label.y - 4),
      ...marks.map(({ y }) => y),
    ].sort((a, b) => a - b);
    expect(rows).toHaveLength(6);
    for (const [index, y] of rows.slice(1).entries()) expect(y - (rows[index] ?? 0)).toBeGreaterThanOrEqual(26);
    // The activity starts where the message that began it arrives.
    expect(bars[0]).toMatchObject({ x: columns[2]?.x, y: messages[0]?.from.y });
  });

  it('ends a message that never arrived on its way', () => {
    const { messages, columns } = layOutSequence(diagram([message('client', 'model', 0, null)]));
    expect(messages[0]).toMatchObject({ isLost: true });
    expect(messages[0]?.to.x).toBeLessThan(columns[2]?.x ?? 0);
  });

  it('extends an activity without an end to the end of the run', () => {
    const open = {
      type: 'activity',
      participant: 'model',
      label: 'generating',
      from_ms: 5,
      to_ms: null,
      is_error: true,
    } as const;
    const { bars, height } = layOutSequence(diagram([open, message('client', 'model', 0, 5)]));
    expect(bars[0]).toMatchObject({ isOpen: true, isError: true });
    expect((bars[0]?.y ?? 0) + (bars[0]?.height ?? 0)).toBeCloseTo(height - 16);
  });

  it('keeps every label inside the diagram', () => {
    const label = 'a label that is far too long for the space between two participants';
    const { messages, columns, width } = layOutSequence(diagram([{ ...message('client', 'adapter', 0, 1), label }]));
    expect(messages[0]?.label.text.length).toBeLessThan(label.length);
    expect(messages[0]?.label.title).toBe(label);
    expect(Math.max(...columns.map(({ x }) => x))).toBeLessThan(width);
  });

  it('draws a single participant and no events', () => {
    expect(layOutSequence(diagram([], ['client']))).toMatchObject({ columns: [{ x: 160 }], messages: [] });
  });
});

it('describes the events in order of time', () => {
  const events: SequenceDiagram['events'] = [
    { type: 'mark', label: 'deadline', at_ms: 200 },
    { ...message('client', 'adapter', 0, null), is_error: true },
    { type: 'activity', participant: 'model', label: 'generating', from_ms: 10.26, to_ms: null, is_error: false },
    message('client', 'model', 3_025.4, 3_025.6),
  ];
  expect(describeSequence(diagram(events))).toEqual([
    '0 ms: client to adapter: client to adapter, never received (wrong)',
    '10.3 ms: model: generating, until the end of the run, not finished',
    '200 ms: deadline',
    '3,025 ms: client to model: client to model, received at 3,026 ms',
  ]);
});
