import { clsx } from 'clsx';
import { type PointerEvent, useId, useState } from 'react';
import {
  axisLabels,
  chartMax,
  formatMeasure,
  formatSlot,
  formatTick,
  type Grouping,
  MEASURE_LABELS,
  type Measure,
  measureUnit,
  type Series,
  type UsageChart as UsageChartData,
} from './usage-report.ts';

const FILLS = ['fill-series-1', 'fill-series-2', 'fill-series-3', 'fill-series-4', 'fill-series-5'] as const;
const MARKS = ['bg-series-1', 'bg-series-2', 'bg-series-3', 'bg-series-4', 'bg-series-5'] as const;

/** The slot of a day or an hour in units of the view box. */
const SLOT = { width: 10, bar: 7, height: 100 };

interface UsageChartProps {
  chart: UsageChartData;
  measure: Measure;
  grouping: Grouping;
}

/** A stacked bar per day or hour with a part for each model or key. The readout shows the slot under the pointer or selected by arrow keys. */
export function UsageChart({ chart, measure, grouping }: UsageChartProps) {
  const { unit, slots, series, totals } = chart;
  const [selected, setSelected] = useState<number | null>(null);
  const last = slots.length - 1;
  const latest = totals.findLastIndex((total) => total > 0);
  const shown = Math.min(selected ?? (latest < 0 ? last : latest), last);
  const end = chartMax(totals, measure);
  const readoutId = useId();

  const onPointerMove = ({ clientX, currentTarget }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setSelected(Math.min(last, Math.max(0, Math.floor(((clientX - left) / width) * slots.length))));
  };
  const total = totals[shown] ?? 0;
  return (
    <div className="flex flex-col gap-4 p-5">
      <Readout id={readoutId} slot={slots[shown] ?? ''} total={total} series={series} index={shown} measure={measure} />
      <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
        <div aria-hidden="true" className="tabular flex h-56 flex-col justify-between text-right text-xs text-text-3">
          {[end, end / 2, 0].map((tick) => (
            <span key={tick} className="-my-2">
              {formatTick(tick, measure)}
            </span>
          ))}
        </div>
        <div
          onPointerMove={onPointerMove}
          onPointerDown={onPointerMove}
          onPointerLeave={() => setSelected(null)}
          className="relative h-56 rounded-sm border-y border-border has-focus-visible:outline-2 has-focus-visible:outline-offset-4 has-focus-visible:outline-accent"
        >
          <span aria-hidden="true" className="absolute inset-x-0 top-1/2 border-t border-dashed border-border" />
          <svg
            role="img"
            aria-label={chartSummary(chart, measure, grouping)}
            viewBox={`0 0 ${slots.length * SLOT.width} ${SLOT.height}`}
            preserveAspectRatio="none"
            className="absolute inset-0 size-full"
          >
            <rect x={shown * SLOT.width} y={0} width={SLOT.width} height={SLOT.height} className="fill-surface-2" />
            {slots.map((slot, index) => (
              <SlotBar key={slot} series={series} index={index} end={end} />
            ))}
          </svg>
          <input
            type="range"
            min={0}
            max={last}
            step={1}
            value={shown}
            onChange={(event) => setSelected(Number(event.target.value))}
            aria-label={unit === 'hour' ? 'Hour' : 'Day'}
            aria-valuetext={`${formatSlot(slots[shown] ?? '')}: ${total} ${measure === 'cost' ? '' : measure}`.trim()}
            aria-describedby={readoutId}
            className="sr-only"
          />
        </div>
        <p aria-hidden="true" className="tabular col-start-2 mt-2 flex justify-between text-xs text-text-3">
          {axisLabels(chart).map((label) => (
            <span key={label}>{label}</span>
          ))}
        </p>
      </div>
    </div>
  );
}

function SlotBar({ series, index, end }: { series: readonly Series[]; index: number; end: number }) {
  let top = SLOT.height;
  return series.map(({ name, values, isRest }, place) => {
    const height = ((values[index] ?? 0) / end) * SLOT.height;
    top -= height;
    if (height === 0) return null;
    return (
      <rect
        key={name}
        x={index * SLOT.width + (SLOT.width - SLOT.bar) / 2}
        y={top}
        width={SLOT.bar}
        height={height}
        vectorEffect="non-scaling-stroke"
        // A thin gap separates the parts, so that color is not the only difference.
        className={clsx('stroke-bg', isRest ? 'fill-series-rest' : FILLS[place])}
      />
    );
  });
}

interface ReadoutProps {
  id: string;
  slot: string;
  total: number;
  series: readonly Series[];
  index: number;
  measure: Measure;
}

/** The legend with the values of one slot. */
function Readout({ id, slot, total, series, index, measure }: ReadoutProps) {
  return (
    <div id={id} data-slot={slot} className="tabular flex flex-wrap gap-x-6 gap-y-2 text-sm">
      <p className="w-36 max-sm:w-full">
        <span className="block text-text-3">{formatSlot(slot)}</span>
        <span className="text-lg font-semibold tracking-tight">{formatMeasure(total, measure)}</span>{' '}
        <span className="text-text-2">{measureUnit(total, measure)}</span>
      </p>
      <ul className="flex min-w-0 flex-1 flex-wrap max-sm:basis-full content-end gap-x-5 gap-y-1">
        {series.map(({ name, values, isRest }, place) => (
          <li key={name} className="flex min-w-0 items-center gap-2">
            <span
              aria-hidden="true"
              className={clsx('size-2.5 shrink-0 rounded-[3px]', isRest ? 'bg-series-rest' : MARKS[place])}
            />
            <span className="truncate text-text-2">{name}</span>
            <span className="font-medium">{formatMeasure(values[index] ?? 0, measure)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function chartSummary({ unit, slots, series }: UsageChartData, measure: Measure, grouping: Grouping): string {
  const parts = series.map(({ name, total }) => `${name} ${formatMeasure(total, measure)}`);
  return `${MEASURE_LABELS[measure]} by ${unit} and ${grouping} over ${slots.length} ${unit}s. ${parts.join(', ')}.`;
}
