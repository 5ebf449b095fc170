import type { SequenceDiagram, SequenceEvent } from '@prodigon/contracts/workshop';
import { asOneLine } from '../../terminal-text.ts';
import type { TextOptions } from '../../text-glyphs.ts';

const TIME_COLUMNS = 8;
/** The columns of the label of the last participant. */
const LAST_COLUMNS = 14;
/** Narrower gaps between participants have no room for a label. */
const GAP_MIN = 14;
/** A longer diagram omits events, but shows this many at each end, and the first errors. */
const SHOWN = { all: 40, atEnd: 15, errors: 8 };

/** Draws participants side by side, and their messages below each other in chronological order. */
export function drawSequenceDiagram({ participants, events }: SequenceDiagram, options: TextOptions): string[] {
  const { columns, glyphs } = options;
  const gap = Math.floor((columns - TIME_COLUMNS - 1 - LAST_COLUMNS) / Math.max(1, participants.length - 1));
  const lanes = new Map(participants.map(({ id }, index) => [id, TIME_COLUMNS + 1 + index * gap]));
  const isDrawable = gap >= GAP_MIN || participants.length === 1;
  const ordered = [...events].sort((one, other) => timeOf(one) - timeOf(other));
  const labels = participants.map(({ label, is_learner: isLearner }, index) =>
    asOneLine(
      isLearner && !/^your\b/i.test(label) ? `${label} (you)` : label,
      index === participants.length - 1 ? LAST_COLUMNS : gap - 2,
    ),
  );
  const header = 'ms'.padStart(TIME_COLUMNS - 1).padEnd(TIME_COLUMNS + 1) + labels.map((label) => label.padEnd(gap)).join('');
  const rows = selectEvents(ordered).map((event) => {
    if (typeof event === 'number') return `${' '.repeat(TIME_COLUMNS + 1)}${glyphs.ellipsis} ${event} more events`;
    const time = `${formatMs(timeOf(event))}`.padStart(TIME_COLUMNS - 1).padEnd(TIME_COLUMNS + 1);
    return (isDrawable ? drawEvent(event, time, lanes, options) : undefined) ?? `${time}${describeEvent(event)}`;
  });
  return [...(isDrawable ? [header.trimEnd()] : []), ...rows];
}

const timeOf = (event: SequenceEvent): number =>
  event.type === 'message' ? event.sent_at_ms : event.type === 'activity' ? event.from_ms : event.at_ms;
const isError = (event: SequenceEvent) => event.type !== 'mark' && event.is_error;
const formatMs = (ms: number) => (ms >= 100 ? Math.round(ms).toLocaleString('en') : String(Math.round(ms * 10) / 10));

/** Returns the events to show, with the number of omitted ones where some are missing. */
function selectEvents(events: readonly SequenceEvent[]): (SequenceEvent | number)[] {
  if (events.length <= SHOWN.all) return [...events];
  let errors = 0;
  const selected: (SequenceEvent | number)[] = [];
  for (const [index, event] of events.entries()) {
    const isAtEnd = index < SHOWN.atEnd || index >= events.length - SHOWN.atEnd;
    const isShownError = isError(event) && errors++ < SHOWN.errors;
    const last = selected.at(-1);
    if (isAtEnd || isShownError) selected.push(event);
    else if (typeof last === 'number') selected[selected.length - 1] = last + 1;
    else selected.push(1);
  }
  return selected;
}

type Lanes = ReadonlyMap<string, number>;

/** Returns undefined for an event of an unknown participant. */
function drawEvent(event: SequenceEvent, time: string, lanes: Lanes, { columns, glyphs }: TextOptions): string | undefined {
  const cells = [...time.padEnd(columns)];
  for (const lane of lanes.values()) cells[lane] = glyphs.vertical;
  const put = (start: number, text: string) => cells.splice(start, text.length, ...text);
  if (event.type === 'mark') {
    const text = `${glyphs.horizontal.repeat(2)} ${asOneLine(event.label, columns - time.length - 6)} `;
    put(time.length, text.padEnd(columns - time.length, glyphs.horizontal));
    return cells.join('');
  }
  if (event.type === 'activity' || event.from === event.to) {
    const lane = lanes.get(event.type === 'activity' ? event.participant : event.from);
    if (lane === undefined) return undefined;
    cells[lane] = isError(event) ? glyphs.cross : glyphs.bar;
    const text = labelOf(event);
    const room = columns - lane - 2;
    const before = lane - time.length - 1;
    if (text.length <= room || before < room) put(lane + 2, asOneLine(text, room));
    else {
      const shown = asOneLine(text, before);
      put(lane - 1 - shown.length, shown);
    }
    return cells.join('').trimEnd();
  }
  const from = lanes.get(event.from);
  const to = lanes.get(event.to);
  if (from === undefined || to === undefined) return undefined;
  const start = Math.min(from, to) + 1;
  const length = Math.abs(from - to) - 1;
  put(
    start,
    drawArrow({ label: labelOf(event), length, isRightward: to > from, isReceived: event.received_at_ms !== null, glyphs }),
  );
  return cells.join('').trimEnd();
}

interface Arrow {
  readonly label: string;
  readonly length: number;
  readonly isRightward: boolean;
  readonly isReceived: boolean;
  readonly glyphs: TextOptions['glyphs'];
}

function drawArrow({ label, length, isRightward, isReceived, glyphs }: Arrow): string {
  // A message that never arrives ends before the lifeline of its recipient.
  const drawn = isReceived ? length : length - 2;
  const text = ` ${asOneLine(label, drawn - 6)} `;
  const line = (isRightward ? `${glyphs.horizontal.repeat(2)}${text}` : `${glyphs.horizontal}${text}`).padEnd(
    drawn - 1,
    glyphs.horizontal,
  );
  const head = isReceived ? (isRightward ? glyphs.arrowRight : glyphs.arrowLeft) : glyphs.cross;
  return isRightward ? `${line}${head}`.padEnd(length) : `${head}${line}`.padStart(length);
}

/** Returns the label with the duration, and a mark for an error. */
function labelOf(event: Exclude<SequenceEvent, { type: 'mark' }>): string {
  const from = timeOf(event);
  const to = event.type === 'message' ? event.received_at_ms : event.to_ms;
  const duration = to !== null && to - from >= 1 ? ` (${formatMs(to - from)} ms)` : '';
  const end = to === null ? (event.type === 'message' ? ' (never arrived)' : ' (never ended)') : duration;
  return `${event.is_error ? '! ' : ''}${event.label}${end}`;
}

function describeEvent(event: SequenceEvent): string {
  if (event.type === 'mark') return asOneLine(event.label, 200);
  const place = event.type === 'message' ? `${event.from} to ${event.to}` : event.participant;
  return asOneLine(`${place}: ${labelOf(event)}`, 200);
}
