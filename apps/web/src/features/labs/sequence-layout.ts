import type { SequenceDiagram, SequenceEvent } from '@prodigon/contracts/workshop';

/** All lengths in units of the view box. */
const SIZE = { width: 320, edge: 46, head: 34, foot: 16, gapMin: 26, gapMax: 64, character: 5.6, bar: 10 };

export interface MessageLine {
  from: { x: number; y: number };
  to: { x: number; y: number };
  /** Where the label is centered. */
  label: { x: number; y: number; text: string; title: string };
  isLost: boolean;
  isSelf: boolean;
  isError: boolean;
}

export interface ActivityBar {
  x: number;
  y: number;
  height: number;
  label: { x: number; y: number; text: string; title: string };
  isOpen: boolean;
  isError: boolean;
}

export interface SequenceLayout {
  width: number;
  height: number;
  columns: readonly { id: string; x: number; label: string; isLearner: boolean }[];
  messages: readonly MessageLine[];
  bars: readonly ActivityBar[];
  marks: readonly { y: number; text: string }[];
}

type MessageEvent = Extract<SequenceEvent, { type: 'message' }>;
type ActivityEvent = Extract<SequenceEvent, { type: 'activity' }>;

/** The instants of an event. A message that never arrived still needs room for its line. */
function timesOf(event: SequenceEvent, lengthMs: number): number[] {
  if (event.type === 'mark') return [event.at_ms];
  if (event.type === 'activity') return [event.from_ms, event.to_ms ?? lengthMs];
  return [event.sent_at_ms, ...(event.received_at_ms === null ? [] : [event.received_at_ms])];
}

const startOf = (event: SequenceEvent) =>
  event.type === 'mark' ? event.at_ms : event.type === 'activity' ? event.from_ms : event.sent_at_ms;

/**
 * Lays out a sequence diagram in which time runs downwards. The scale varies: each event has a row of its own, and no pause is
 * higher than a few rows.
 */
export function layOutSequence({ participants, events, length_ms }: SequenceDiagram): SequenceLayout {
  const columnGap = participants.length < 2 ? 0 : (SIZE.width - 2 * SIZE.edge) / (participants.length - 1);
  const columns = participants.map(({ id, label, is_learner }, index) => ({
    id,
    x: participants.length < 2 ? SIZE.width / 2 : SIZE.edge + index * columnGap,
    label: shorten(label, Math.max(columnGap, 2 * SIZE.edge) - 6),
    isLearner: is_learner,
  }));
  const xOf = (id: string) => columns.find((column) => column.id === id)?.x ?? SIZE.width / 2;
  const { yOf, rowOf, bottom } = createTimeAxis(events, length_ms);

  const toMessage = (event: MessageEvent): MessageLine => {
    const [start, end] = [xOf(event.from), xOf(event.to)];
    const isSelf = event.from === event.to;
    const isLost = event.received_at_ms === null;
    const y = rowOf(event);
    // A lost message ends on its way.
    const x = isLost && !isSelf ? start + (end - start) * 0.6 : end;
    const endY =
      event.received_at_ms === null ? y + SIZE.gapMin / 2 : Math.max(yOf(event.received_at_ms), isSelf ? y + 14 : y + 2);
    return {
      from: { x: start, y },
      to: { x, y: endY },
      label: placeLabel(
        event.label,
        isSelf ? start + 40 : (start + end) / 2,
        y - 6,
        isSelf ? 96 : Math.abs(end - start) + 2 * SIZE.edge - 12,
      ),
      ...{ isLost, isSelf, isError: event.is_error },
    };
  };
  const toBar = (event: ActivityEvent): ActivityBar => {
    const [x, y] = [xOf(event.participant), yOf(event.from_ms)];
    const end = event.to_ms === null ? bottom : Math.max(yOf(event.to_ms), y + 8);
    const isAtEdge = x > SIZE.width / 2;
    return {
      ...{ x, y, height: end - y, isOpen: event.to_ms === null, isError: event.is_error },
      label: placeLabel(event.label, isAtEdge ? x - 8 : x + 8, rowOf(event) + 4, columnGap || SIZE.width / 2),
    };
  };
  return {
    width: SIZE.width,
    height: bottom + SIZE.foot,
    columns,
    messages: events.filter((event) => event.type === 'message').map(toMessage),
    bars: events.filter((event) => event.type === 'activity').map(toBar),
    marks: events
      .filter((event) => event.type === 'mark')
      .map((event) => ({ y: rowOf(event), text: shorten(event.label, SIZE.width - 16) })),
  };
}

interface TimeAxis {
  /** Returns the height of an instant. */
  yOf: (ms: number) => number;
  /** Returns the height of the row of an event. Events that start at the same time have their rows below each other. */
  rowOf: (event: SequenceEvent) => number;
  /** The height of the end of the run. */
  bottom: number;
}

function createTimeAxis(events: readonly SequenceEvent[], lengthMs: number): TimeAxis {
  const times = [...new Set([...events.flatMap((event) => timesOf(event, lengthMs)), lengthMs])].sort((a, b) => a - b);
  const starts = Map.groupBy(events, startOf);
  const span = Math.max(1, (times.at(-1) ?? 0) - (times[0] ?? 0));
  const unit = (times.length * SIZE.gapMin) / span;
  const heights = new Map<number, number>();
  const rows = new Map<SequenceEvent, number>();
  let y = SIZE.head + SIZE.gapMin;
  times.forEach((time, index) => {
    const pause = time - (times[index - 1] ?? time);
    const started = starts.get(time) ?? [];
    if (index > 0) y += Math.min(SIZE.gapMax, Math.max(pause * unit, started.length > 0 ? SIZE.gapMin : 8));
    heights.set(time, y);
    for (const [position, event] of started.entries()) {
      if (position > 0) y += SIZE.gapMin;
      rows.set(event, y);
    }
  });
  return { yOf: (ms) => heights.get(ms) ?? y, rowOf: (event) => rows.get(event) ?? y, bottom: y };
}

function placeLabel(text: string, x: number, y: number, widthMax: number) {
  return { x, y, text: shorten(text, widthMax), title: text };
}

/** Cuts a text that is wider than the space for it. */
function shorten(text: string, width: number): string {
  const characters = Math.max(4, Math.floor(width / SIZE.character));
  return text.length <= characters ? text : `${text.slice(0, characters - 1).trimEnd()}…`;
}

/** Describes each event of a diagram in order, for readers who do not see the diagram. */
export function describeSequence({ participants, events }: SequenceDiagram): string[] {
  const labelOf = (id: string) => participants.find((participant) => participant.id === id)?.label ?? id;
  const at = (ms: number) => `${formatTime(ms)} ms`;
  return [...events]
    .sort((a, b) => startOf(a) - startOf(b))
    .map((event) => {
      if (event.type === 'mark') return `${at(event.at_ms)}: ${event.label}`;
      if (event.type === 'activity') {
        const end = event.to_ms === null ? 'the end of the run, not finished' : at(event.to_ms);
        return `${at(event.from_ms)}: ${labelOf(event.participant)}: ${event.label}, until ${end}${event.is_error ? ' (wrong)' : ''}`;
      }
      const arrival = event.received_at_ms === null ? 'never received' : `received at ${at(event.received_at_ms)}`;
      return `${at(event.sent_at_ms)}: ${labelOf(event.from)} to ${labelOf(event.to)}: ${event.label}, ${arrival}${event.is_error ? ' (wrong)' : ''}`;
    });
}

/** The same format as in the diagrams of the command line: `0.3`, `12.5`, `3,025`. */
function formatTime(ms: number): string {
  return ms >= 100 ? Math.round(ms).toLocaleString('en') : String(Math.round(ms * 10) / 10);
}
