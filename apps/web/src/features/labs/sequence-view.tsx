import type { SequenceDiagram } from '@prodigon/contracts/workshop';
import { clsx } from 'clsx';
import { type ActivityBar, describeSequence, layOutSequence, type MessageLine } from './sequence-layout.ts';

/** A sequence diagram of one run, and its events as a list. */
export function SequenceView({ diagram }: { diagram: SequenceDiagram }) {
  const layout = layOutSequence(diagram);
  const descriptions = describeSequence(diagram);
  const bottom = layout.height - 8;
  return (
    <div>
      <svg
        role="img"
        aria-label={`Sequence diagram of ${diagram.participants.map(({ label }) => label).join(', ')}; ${descriptions.length} events, listed below`}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        className="w-full max-w-md text-[11px]"
      >
        {layout.columns.map(({ id, x, label, isLearner }) => (
          <g key={id}>
            <text x={x} y={14} textAnchor="middle" className={clsx('font-semibold', isLearner ? 'fill-accent' : 'fill-text-2')}>
              {label}
            </text>
            <path d={`M${x} 22V${bottom}`} className="stroke-control" strokeDasharray="1 3" />
          </g>
        ))}
        {layout.marks.map(({ y, text }) => (
          <g key={`${y} ${text}`}>
            <path d={`M4 ${y}H${layout.width - 4}`} className="stroke-warn" strokeDasharray="4 3" />
            <Label x={6} y={y - 4} text={text} className="fill-warn" />
          </g>
        ))}
        {layout.bars.map((bar, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the events of a run never change.
          <Bar key={index} bar={bar} isLabelBefore={bar.label.x < bar.x} />
        ))}
        {layout.messages.map((message, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the events of a run never change.
          <Message key={index} message={message} />
        ))}
      </svg>
      <details className="mt-1 text-sm">
        <summary className="target disclosure text-text-2">Events as a list</summary>
        <ol className="tabular list-decimal ps-6 text-text-2">
          {descriptions.map((text, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the events of a run never change.
            <li key={index}>{text}</li>
          ))}
        </ol>
      </details>
    </div>
  );
}

interface LabelProps {
  x: number;
  y: number;
  text: string;
  title?: string;
  anchor?: 'start' | 'middle' | 'end';
  className: string;
}

/** Text with an outline in the color of the surface, so that lines do not cross it. */
function Label({ x, y, text, title, anchor = 'start', className }: LabelProps) {
  return (
    <text x={x} y={y} textAnchor={anchor} paintOrder="stroke" strokeWidth={3} className={clsx('stroke-bg', className)}>
      {title !== undefined && title !== text && <title>{title}</title>}
      {text}
    </text>
  );
}

function Bar({ bar: { x, y, height, label, isOpen, isError }, isLabelBefore }: { bar: ActivityBar; isLabelBefore: boolean }) {
  return (
    <g>
      <rect
        x={x - 5}
        y={y}
        width={10}
        height={height}
        className={isError ? 'fill-bad/25 stroke-bad' : 'fill-series-3/30 stroke-series-3'}
        strokeDasharray={isOpen ? '3 2' : undefined}
      />
      <Label {...label} anchor={isLabelBefore ? 'end' : 'start'} className={isError ? 'fill-bad font-medium' : 'fill-text-2'} />
    </g>
  );
}

function Message({ message: { from, to, label, isLost, isSelf, isError } }: { message: MessageLine }) {
  const color = isError ? 'stroke-bad' : 'stroke-text-2';
  const path = isSelf ? `M${from.x} ${from.y}h24V${to.y}H${from.x}` : `M${from.x} ${from.y}L${to.x} ${to.y}`;
  const angle = isSelf ? 180 : (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
  return (
    <g>
      <path d={path} fill="none" strokeWidth={1.5} strokeDasharray={isLost ? '5 3' : undefined} className={color} />
      <path
        d={isLost ? 'M-4-4L4 4M4-4L-4 4' : 'M-7-4L0 0L-7 4'}
        transform={`translate(${to.x} ${to.y}) rotate(${isLost ? 0 : angle})`}
        fill="none"
        strokeWidth={1.5}
        className={color}
      />
      <Label {...label} anchor="middle" className={isError ? 'fill-bad font-medium' : 'fill-text'} />
    </g>
  );
}
