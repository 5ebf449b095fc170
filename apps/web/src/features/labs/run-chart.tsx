import type { LabMetric, LabRun } from '@prodigon/contracts/workshop';
import { clsx } from 'clsx';
import { type RefObject, useId, useLayoutEffect, useRef, useState } from 'react';
import { Button } from '../../design/button.tsx';
import { type ChartSeries, formatValue, layOutRunChart, toBlockRows } from './chart-layout.ts';

const COLORS = ['text-series-1', 'text-series-2', 'text-series-3', 'text-series-4', 'text-series-5'] as const;
/** Each arm also has its own dashes and its own marker, so that color alone never tells them apart. */
const DASHES = [undefined, '7 4', '2 3', '9 3 2 3', '4 2'] as const;
const MARKERS = [
  'M-4 0A4 4 0 1 1 4 0A4 4 0 1 1 -4 0',
  'M-4-4H4V4H-4Z',
  'M0-5L5 4H-5Z',
  'M0-5L5 0L0 5L-5 0Z',
  'M-4-4L4 4M4-4L-4 4',
] as const;
const HEIGHT = 240;
const WIDTH_MIN = 240;

interface RunChartProps {
  run: LabRun;
  metric: LabMetric;
  /** Another run to compare with. */
  overlay: LabRun | null;
}

/** The values of a metric by block and arm, as a chart or a table. */
export function RunChart({ run, metric, overlay }: RunChartProps) {
  const [isTable, setTable] = useState(false);
  const headingId = useId();
  return (
    <figure aria-labelledby={headingId} className="flex flex-col gap-3 p-5">
      <figcaption className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <span id={headingId} className="text-lg font-semibold">
          {metric.label} <span className="text-base font-normal text-text-2">({metric.unit})</span>
        </span>
        <span className="text-sm text-text-2">
          {run.workload.label}, {metric.is_higher_better ? 'higher is better' : 'lower is better'}
        </span>
      </figcaption>
      <Legend run={run} hasOverlay={overlay !== null} />
      {isTable ? <BlockTable run={run} metric={metric} /> : <Chart run={run} metric={metric} overlay={overlay} />}
      <div>
        <Button variant="quiet" onClick={() => setTable(!isTable)}>
          {isTable ? 'Show chart' : 'Show table'}
        </Button>
      </div>
    </figure>
  );
}

function Legend({ run, hasOverlay }: { run: LabRun; hasOverlay: boolean }) {
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
      {run.arms.map(({ id, label, description }, place) => (
        <li key={id} title={description} className="flex items-center gap-2">
          <svg aria-hidden="true" width={28} height={12} viewBox="0 0 28 12" className={COLORS[place % COLORS.length]}>
            <path d="M0 6H28" fill="none" stroke="currentColor" strokeWidth={2} strokeDasharray={DASHES[place % DASHES.length]} />
            <Marker place={place} x={14} y={6} />
          </svg>
          {label}
        </li>
      ))}
      {hasOverlay && <li className="text-text-2">Faint lines: the other run</li>}
    </ul>
  );
}

function Marker({ place, x, y }: { place: number; x: number; y: number }) {
  return (
    <path
      d={MARKERS[place % MARKERS.length]}
      transform={`translate(${x} ${y}) scale(0.85)`}
      fill="currentColor"
      stroke="currentColor"
      strokeWidth={1.5}
    />
  );
}

function Chart({ run, metric, overlay }: RunChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const layout = layOutRunChart({
    run: { points: run.points, blocksTotal: run.progress.blocks_total },
    overlay: overlay && { points: overlay.points, blocksTotal: overlay.progress.blocks_total },
    arms: run.arms.map(({ id }) => id),
    metric: metric.id,
    width: Math.max(WIDTH_MIN, width),
    height: HEIGHT,
  });
  const { plot, cursor } = layout;
  return (
    <div ref={frame} className="overflow-hidden">
      <svg
        role="img"
        aria-label={summaryOf(run, metric)}
        width={Math.max(WIDTH_MIN, width)}
        height={HEIGHT}
        className="tabular block text-xs"
      >
        {layout.bands.map(({ x, width }) => (
          <rect key={x} x={x} y={plot.top} width={width} height={plot.bottom - plot.top} className="fill-surface-2" />
        ))}
        {layout.ticks.map(({ value, y }) => (
          <g key={value}>
            <path d={`M${plot.left} ${y}H${plot.right}`} className="stroke-border" />
            <text x={plot.left - 8} y={y + 4} textAnchor="end" className="fill-text-3">
              {formatValue(value)}
            </text>
          </g>
        ))}
        {layout.series.map((series) => (
          <SeriesLine key={`${series.arm} ${series.isOverlay}`} series={series} />
        ))}
        {cursor && <path d={`M${cursor.x} ${plot.top}V${plot.bottom}`} className="stroke-accent" />}
        <text x={plot.left} y={HEIGHT - 6} className="fill-text-3">
          Block 1
        </text>
        <text x={plot.right} y={HEIGHT - 6} textAnchor="end" className="fill-text-3">
          {cursor ? `Block ${cursor.block} of ${layout.blocks}` : `Block ${layout.blocks}`}
        </text>
      </svg>
    </div>
  );
}

function SeriesLine({ series: { place, points, isOverlay } }: { series: ChartSeries }) {
  return (
    <g className={clsx(COLORS[place % COLORS.length], isOverlay && 'opacity-40')}>
      <path
        d={points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('')}
        fill="none"
        stroke="currentColor"
        strokeWidth={2}
        strokeDasharray={DASHES[place % DASHES.length]}
      />
      {!isOverlay && points.map(({ block, x, y }) => <Marker key={block} place={place} x={x} y={y} />)}
    </g>
  );
}

function BlockTable({ run, metric }: { run: LabRun; metric: LabMetric }) {
  const rows = toBlockRows(
    run.points,
    run.arms.map(({ id }) => id),
    metric.id,
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
    // biome-ignore lint/a11y/useSemanticElements: it groups a scrolling table, not form fields.
    <div role="group" aria-label={`${metric.label} by block`} tabIndex={0} className="max-h-80 overflow-auto">
      <table className="tabular w-full text-end text-sm">
        <thead>
          <tr className="text-text-2">
            <th scope="col" className="sticky-head py-1 pe-4 text-start font-medium">
              Block
            </th>
            {run.arms.map(({ id, label }) => (
              <th key={id} scope="col" className="sticky-head py-1 ps-4 text-end font-medium">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ block, values }) => (
            <tr key={block} className="border-t border-border">
              <th scope="row" className="py-1 pe-4 text-start font-normal">
                {block + 1}
              </th>
              {run.arms.map(({ id }, place) => (
                <td key={id} className="py-1 ps-4">
                  {values[place] === undefined ? '–' : formatValue(values[place])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function summaryOf({ arms, points }: LabRun, metric: LabMetric): string {
  const parts = arms.map(({ id, label }) => {
    const values = points.filter(({ arm }) => arm === id).flatMap(({ values }) => values[metric.id] ?? []);
    if (values.length === 0) return `${label}: not measured yet`;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return `${label}: ${formatValue(mean)} on average over ${values.length} blocks`;
  });
  return `${metric.label} (${metric.unit}) by block. ${parts.join('. ')}.`;
}

/** The width of an element in pixels, kept up to date. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    setWidth(current.clientWidth);
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
