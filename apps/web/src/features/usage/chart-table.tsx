import { formatMeasure, MEASURE_WORDS } from './measure-words.ts';
import type { Measure } from './usage-query.ts';
import type { UsageChart } from './usage-report.ts';

/** The chart in numbers: the days on which there was something. */
export function ChartTable({ chart: { days, series, totals }, measure }: { chart: UsageChart; measure: Measure }) {
  return (
    <section
      aria-label="The chart as a table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too.
      tabIndex={0}
      className="max-h-96 overflow-auto p-5 focus-visible:-outline-offset-2"
    >
      <table className="tabular w-full text-sm">
        <caption className="pb-2 text-left text-text-3">
          {MEASURE_WORDS[measure]} by day and model, days without any left out
        </caption>
        <thead className="text-left text-text-2">
          <tr>
            <th scope="col" className="border-b border-border py-1.5 pr-4 font-medium whitespace-nowrap">
              Day
            </th>
            {[...series.map(({ name }) => name), 'All'].map((name) => (
              <th key={name} scope="col" className="border-b border-border py-1.5 pl-4 text-right font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.map(
            (day, index) =>
              (totals[index] ?? 0) > 0 && (
                <tr key={day}>
                  <th scope="row" className="py-1.5 pr-4 text-left font-medium whitespace-nowrap">
                    {day}
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
