import { clsx } from 'clsx';
import { formatCount, formatDollars } from '../../design/format.ts';
import type { UsageOf } from './usage-groups.ts';
import { formatMeasure, formatSlot, type Grouping, MEASURE_LABELS, type Measure, type UsageChart } from './usage-report.ts';

interface ChartTableProps {
  chart: UsageChart;
  measure: Measure;
  grouping: Grouping;
}

/** The values of the chart. Days and hours without usage are omitted. */
export function ChartTable({ chart: { unit, slots, series, totals }, measure, grouping }: ChartTableProps) {
  return (
    <section
      aria-label={`Usage by ${unit}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
      tabIndex={0}
      className="max-h-96 overflow-auto p-5 focus-visible:-outline-offset-2"
    >
      <table className="tabular w-full text-sm">
        <caption className="pb-2 text-left text-text-3">
          {MEASURE_LABELS[measure]} by {unit} and {grouping}. {unit === 'hour' ? 'Hours' : 'Days'} without usage are omitted.
        </caption>
        <thead className="text-left text-text-2">
          <tr>
            <th scope="col" className="border-b border-border py-1.5 pr-4 font-medium whitespace-nowrap">
              {unit === 'hour' ? 'Hour' : 'Day'}
            </th>
            {[...series.map(({ name }) => name), 'Total'].map((name) => (
              <th key={name} scope="col" className="border-b border-border py-1.5 pl-4 text-right font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {slots.map(
            (slot, index) =>
              (totals[index] ?? 0) > 0 && (
                <tr key={slot}>
                  <th scope="row" className="py-1.5 pr-4 text-left font-medium whitespace-nowrap">
                    {unit === 'hour' ? formatSlot(slot) : slot}
                  </th>
                  {series.map(({ name, values }) => (
                    <td key={name} className="pl-4 text-right">
                      {formatMeasure(values[index] ?? 0, measure)}
                    </td>
                  ))}
                  <td className="pl-4 text-right font-medium">{formatMeasure(totals[index] ?? 0, measure)}</td>
                </tr>
              ),
          )}
        </tbody>
      </table>
    </section>
  );
}

const COLUMNS = ['Requests', 'Cost', 'Prompt tokens', 'Completion tokens', 'Failed', 'Cancelled'] as const;

interface SumsTableProps {
  /** What the rows stand for. */
  label: 'Model' | 'Key';
  rows: readonly UsageOf[];
  /** Shown below a name; null hides it. */
  noteOf: (row: UsageOf) => string | null;
}

/** The usage of each model or key over all days, with the numbers of estimated and unpriced requests. */
export function SumsTable({ label, rows, noteOf }: SumsTableProps) {
  return (
    <section
      aria-label={`Usage by ${label.toLowerCase()}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
      tabIndex={0}
      className="overflow-x-auto focus-visible:-outline-offset-2"
    >
      <table className="tabular w-full text-sm">
        <thead className="text-text-2">
          <tr className="border-b border-border">
            <th scope="col" className="py-2 pr-4 pl-5 text-left font-medium">
              {label}
            </th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" className="py-2 pr-5 text-right font-medium whitespace-nowrap">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-border">
          {rows.map((row) => (
            <SumsRow key={row.id} label={label} row={row} note={noteOf(row)} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const CELL = 'py-2.5 pr-5 text-right';

function SumsRow({ label, row, note }: { label: SumsTableProps['label']; row: UsageOf; note: string | null }) {
  const { name, requests, failed, cancelled, estimated, unpriced, prompt_tokens, completion_tokens, cost_usd } = row;
  const isUnknown = unpriced > 0 && cost_usd === 0;
  return (
    <tr {...{ [`data-${label.toLowerCase()}`]: name }}>
      <th scope="row" className="min-w-40 py-2.5 pr-4 pl-5 text-left font-medium wrap-anywhere">
        {name} {note !== null && <span className="block font-normal text-text-3">{note}</span>}
      </th>
      <td className={CELL}>{formatCount(requests)}</td>
      <td className={clsx(CELL, 'whitespace-nowrap')}>
        {isUnknown ? 'unknown' : formatDollars(cost_usd)}
        {unpriced > 0 && <span className="block text-text-3">{formatCount(unpriced)} unpriced</span>}
      </td>
      <td className={CELL}>{formatCount(prompt_tokens)}</td>
      <td className={CELL}>
        {formatCount(completion_tokens)}
        {estimated > 0 && <span className="block text-text-3">{formatCount(estimated)} estimated</span>}
      </td>
      <td className={clsx(CELL, failed > 0 && 'text-bad')}>{formatCount(failed)}</td>
      <td className={CELL}>{formatCount(cancelled)}</td>
    </tr>
  );
}
