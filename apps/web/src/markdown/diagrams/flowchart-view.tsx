import { clsx } from 'clsx';
import { fitWidth } from './fit-width.ts';
import { layOutFlowchart, type PlacedEdge, type PlacedNode } from './flowchart-layout.ts';
import type { ParsedFlowchart } from './parse-flowchart.ts';

/** The services of the platform have the same hues as in charts. */
const HUES: readonly [RegExp, string][] = [
  [/gateway/i, 'stroke-series-1'],
  [/worker/i, 'stroke-series-2'],
  [/model/i, 'stroke-series-3'],
  [/queue|job/i, 'stroke-series-4'],
  [/cache/i, 'stroke-series-5'],
  [/postgres|database/i, 'stroke-info'],
];

export function FlowchartView({ chart }: { chart: ParsedFlowchart }) {
  const { width, height, nodes, edges, groups } = layOutFlowchart(chart);
  const labelOf = (id: string) => nodes.find((node) => node.id === id)?.label ?? id;
  const summary = edges.map(({ from, to, text }) => `${labelOf(from)} to ${labelOf(to)}${text && ` (${text})`}`);
  return (
    <svg role="img" aria-label={`Diagram: ${summary.join('; ')}`} style={fitWidth(width)} viewBox={`0 0 ${width} ${height}`}>
      {groups.map(({ title, x, y, width, height }) => (
        <g key={title}>
          <rect x={x} y={y} width={width} height={height} rx={8} className="fill-surface stroke-border" />
          <text x={x + 10} y={y + 17} className="fill-text-2 text-xs">
            {title}
          </text>
        </g>
      ))}
      {edges.map((edge, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the edges of a document never change.
        <Edge key={index} edge={edge} />
      ))}
      {nodes.map((node) => (
        <Node key={node.id} node={node} />
      ))}
    </svg>
  );
}

function Node({ node: { id, label, shape, x, y, width, height, lines } }: { node: PlacedNode }) {
  const [left, top] = [x - width / 2, y - height / 2];
  const hue = HUES.find(([pattern]) => pattern.test(`${id} ${label}`))?.[1] ?? 'stroke-control';
  const className = clsx('fill-bg', hue);
  return (
    <g strokeWidth={1.5}>
      {shape === 'decision' && (
        <path d={`M${x} ${top}L${x + width / 2} ${y}L${x} ${top + height}L${left} ${y}Z`} className={className} />
      )}
      {shape === 'database' && (
        <path
          d={`M${left} ${top + 7}a${width / 2} 7 0 0 1 ${width} 0v${height - 14}a${width / 2} 7 0 0 1 ${-width} 0Zm0 0a${width / 2} 7 0 0 0 ${width} 0`}
          className={className}
        />
      )}
      {(shape === 'box' || shape === 'round') && (
        <rect x={left} y={top} width={width} height={height} rx={shape === 'round' ? height / 2 : 6} className={className} />
      )}
      <text textAnchor="middle" className="fill-text text-sm" strokeWidth={0}>
        {lines.map((line, index) => (
          <tspan key={line} x={x} y={y + 5 + (index - (lines.length - 1) / 2) * 18 + (shape === 'database' ? 5 : 0)}>
            {line}
          </tspan>
        ))}
      </text>
    </g>
  );
}

function Edge({ edge: { points, label, text, style, hasArrow } }: { edge: PlacedEdge }) {
  const [end, before] = [points.at(-1), points.at(-2)];
  if (!end || !before) return null;
  const angle = (Math.atan2(end.y - before.y, end.x - before.x) * 180) / Math.PI;
  return (
    <g className="stroke-text-2" fill="none" strokeWidth={style === 'thick' ? 2.5 : 1.5}>
      <path
        d={points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('')}
        strokeDasharray={style === 'dashed' ? '5 4' : undefined}
        strokeLinejoin="round"
      />
      {hasArrow && <path d="M-8-4.5L0 0L-8 4.5" transform={`translate(${end.x} ${end.y}) rotate(${angle})`} />}
      {text && (
        <text
          x={label.x}
          y={label.y + 4}
          textAnchor="middle"
          paintOrder="stroke"
          strokeWidth={5}
          className="fill-text-2 stroke-bg text-xs"
        >
          {text}
        </text>
      )}
    </g>
  );
}
