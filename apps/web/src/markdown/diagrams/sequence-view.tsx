import type { ReactNode } from 'react';
import { fitWidth } from './fit-width.ts';
import type { ParsedSequence, SequenceRow } from './parse-sequence.ts';

/** Lengths in pixels. */
const SIZE = { character: 6.6, margin: 16, gapMin: 110, head: 30, row: 40, note: 34, block: 30 };

/** A Mermaid sequence diagram. */
export function SequenceDiagramView({ sequence: { participants, rows } }: { sequence: ParsedSequence }) {
  const columns = placeColumns({ participants, rows });
  const xOf = (id: string) => columns.find((column) => column.id === id)?.x ?? 0;
  const width =
    (columns.at(-1)?.x ?? 0) + (columns.at(-1)?.half ?? 0) + SIZE.margin + sideNoteRoom(rows, participants.at(-1)?.id);
  const open = new Map<string, number[]>();
  const blocks: { y: number; depth: number; title: string }[] = [];
  const [frames, bars, items]: [ReactNode[], ReactNode[], ReactNode[]] = [[], [], []];
  let y = SIZE.margin + SIZE.head + 12;
  for (const row of rows) {
    switch (row.type) {
      case 'message':
        y += SIZE.row;
        items.push(<Message key={y} row={row} from={xOf(row.from)} to={xOf(row.to)} y={y} />);
        break;
      case 'note': {
        y += SIZE.note + 8;
        const [left, right] = noteEdges(row, row.over.map(xOf));
        items.push(
          <g key={y}>
            <rect
              x={left}
              y={y - SIZE.note + 6}
              width={right - left}
              height={SIZE.note - 6}
              rx={3}
              className="fill-surface-2 stroke-border"
            />
            <text x={(left + right) / 2} y={y - 10} textAnchor="middle" className="fill-text">
              {row.text}
            </text>
          </g>,
        );
        break;
      }
      case 'activate':
        open.set(row.participant, [...(open.get(row.participant) ?? []), y]);
        break;
      case 'deactivate': {
        const from = open.get(row.participant)?.pop();
        if (from === undefined) break;
        bars.push(
          <rect
            key={`${row.participant} ${from}`}
            x={xOf(row.participant) - 5}
            y={from}
            width={10}
            height={Math.max(8, y - from)}
            className="fill-accent-soft stroke-accent"
          />,
        );
        break;
      }
      case 'block':
        y += SIZE.block;
        blocks.push({ y: y - 8, depth: blocks.length, title: `${row.kind} ${row.text}`.trim() });
        break;
      case 'divider': {
        y += SIZE.block;
        const inset = 4 + (blocks.length - 1) * 8;
        frames.push(
          <g key={y}>
            <path d={`M${inset} ${y - 8}H${width - inset}`} className="stroke-control" strokeDasharray="4 3" />
            <text x={inset + 8} y={y + 6} className="fill-text-2">
              {row.text && `[${row.text}]`}
            </text>
          </g>,
        );
        break;
      }
      case 'end': {
        const block = blocks.pop();
        if (!block) break;
        y += 12;
        const inset = 4 + block.depth * 8;
        frames.unshift(
          <g key={y}>
            <rect
              x={inset}
              y={block.y}
              width={width - 2 * inset}
              height={y - block.y}
              rx={4}
              fill="none"
              className="stroke-control"
            />
            <text x={inset + 8} y={block.y + 15} className="fill-text-2 font-semibold">
              {block.title}
            </text>
          </g>,
        );
      }
    }
  }
  const bottom = y + 20;
  return (
    <svg
      role="img"
      aria-label={`Sequence diagram: ${describe({ participants, rows })}`}
      style={fitWidth(width)}
      viewBox={`0 0 ${width} ${bottom + SIZE.margin}`}
      className="text-xs"
    >
      {columns.map(({ id, x, half, label }) => (
        <g key={id}>
          <path d={`M${x} ${SIZE.margin + SIZE.head}V${bottom}`} className="stroke-control" strokeDasharray="1 3" />
          <rect x={x - half} y={SIZE.margin} width={2 * half} height={SIZE.head} rx={6} className="fill-surface stroke-control" />
          <text x={x} y={SIZE.margin + 19} textAnchor="middle" className="fill-text font-semibold">
            {label}
          </text>
        </g>
      ))}
      {bars}
      {frames}
      {items}
    </svg>
  );
}

type MessageRow = Extract<SequenceRow, { type: 'message' }>;

function Message({
  row: { text, isDashed, end, from: fromId, to: toId },
  from,
  to,
  y,
}: {
  row: MessageRow;
  from: number;
  to: number;
  y: number;
}) {
  const isSelf = fromId === toId;
  const direction = to < from ? -1 : 1;
  const path = isSelf ? `M${from} ${y - 8}h28v14h-28` : `M${from} ${y}H${to}`;
  const tips = { arrow: 'M-8-4.5L0 0L-8 4.5Z', open: 'M-8-4.5L0 0L-8 4.5', cross: 'M-9-5L1 5M1-5L-9 5', none: '' };
  return (
    <g className="stroke-text-2" strokeWidth={1.5} fill="none">
      <path d={path} strokeDasharray={isDashed ? '5 3' : undefined} />
      <path
        d={tips[end]}
        transform={`translate(${isSelf ? from : to} ${isSelf ? y + 6 : y}) scale(${isSelf ? -1 : direction} 1)`}
        className={end === 'arrow' ? 'fill-text-2' : undefined}
      />
      <text
        x={isSelf ? from + 34 : (from + to) / 2}
        y={isSelf ? y + 3 : y - 7}
        textAnchor={isSelf ? 'start' : 'middle'}
        paintOrder="stroke"
        strokeWidth={4}
        className="fill-text stroke-bg"
      >
        {text}
      </text>
    </g>
  );
}

const widthOf = (text: string) => text.length * SIZE.character;

/** Places the participants so that each message and note fits between those that it connects. */
function placeColumns({ participants, rows }: ParsedSequence) {
  const halves = participants.map(({ label }) => Math.max(34, widthOf(label) / 2 + 10));
  const indexOf = (id: string) => participants.findIndex((participant) => participant.id === id);
  const gaps = participants
    .slice(1)
    .map((_, index) => Math.max(SIZE.gapMin, (halves[index] ?? 0) + (halves[index + 1] ?? 0) + 16));
  for (const row of rows) {
    const ids = row.type === 'message' ? [row.from, row.to] : row.type === 'note' ? row.over : [];
    const places = ids.map(indexOf);
    const [first, last] = [Math.min(...places), Math.max(...places)];
    const needed = 'text' in row ? widthOf(row.text) + 24 : 0;
    if (ids.length === 0 || first === gaps.length) continue;
    const until = first === last ? first + 1 : last;
    const missing = needed - gaps.slice(first, until).reduce((sum, gap) => sum + gap, 0);
    if (missing > 0 && row.type === 'message')
      for (let place = first; place < until; place += 1) gaps[place] = (gaps[place] ?? 0) + missing / (until - first);
  }
  let x =
    SIZE.margin +
    16 +
    Math.max(
      halves[0] ?? 0,
      ...rows.map((row) =>
        row.type === 'note' && row.over.length === 1 && indexOf(row.over[0] ?? '') === 0 ? widthOf(row.text) / 2 + 12 : 0,
      ),
    );
  return participants.map(({ id, label }, index) => {
    if (index > 0) x += gaps[index - 1] ?? 0;
    return { id, label, x, half: halves[index] ?? 0 };
  });
}

/** Room for notes and messages to itself beside the last participant. */
function sideNoteRoom(rows: readonly SequenceRow[], last: string | undefined): number {
  const rooms = rows.map((row) => {
    if (row.type === 'message' && row.from === last && row.to === last) return widthOf(row.text) + 10;
    if (row.type !== 'note' || !row.over.includes(last ?? '')) return 0;
    return row.side === 'right' ? widthOf(row.text) + 20 : Math.max(0, widthOf(row.text) / 2 - 20);
  });
  return Math.max(16, ...rooms);
}

function noteEdges({ text, side }: Extract<SequenceRow, { type: 'note' }>, xs: readonly number[]): [number, number] {
  const half = widthOf(text) / 2 + 12;
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  if (side === 'right') return [right + 10, right + 10 + 2 * half];
  if (side === 'left') return [left - 10 - 2 * half, left - 10];
  const middle = (left + right) / 2;
  return [Math.min(left - 30, middle - half), Math.max(right + 30, middle + half)];
}

function describe({ participants, rows }: ParsedSequence): string {
  const labelOf = (id: string) => participants.find((participant) => participant.id === id)?.label ?? id;
  return rows
    .flatMap((row) => {
      if (row.type === 'message') return [`${labelOf(row.from)} to ${labelOf(row.to)}: ${row.text}`];
      if (row.type === 'note') return [`note: ${row.text}`];
      return row.type === 'block' ? [`${row.kind} ${row.text}`] : [];
    })
    .join('; ');
}
