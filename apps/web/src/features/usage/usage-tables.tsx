import { formatCount, formatDollars } from '../../design/format.ts';
import { providerTitle } from '../models/provider-title.ts';
import { formatMeasure, formatSlot, MEASURE_LABELS, type Measure, type ModelUsage, type UsageChart } from './usage-report.ts';

/** The values of the chart. Days and hours without usage are omitted. */
export function ChartTable({ chart: { unit, slots, series, totals }, measure }: { chart: UsageChart; measure: Measure }) {
  return (
    <section
      aria-label={`Usage by ${unit}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
      tabIndex={0}
      className="max-h-96 overflow-auto p-5 focus-visible:-outline-offset-2"
    >
      <table className="tabular w-full text-sm">
        <caption className="pb-2 text-left text-text-3">
          {MEASURE_LABELS[measure]} by {unit} and model. {unit === 'hour' ? 'Hours' : 'Days'} without usage are omitted.
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

/** The usage of each model over all days, with the numbers of estimated and unpriced requests. */
export function ModelTable({ models }: { models: readonly ModelUsage[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
    <section aria-label="Usage by model" tabIndex={0} className="overflow-x-auto focus-visible:-outline-offset-2">
      <table className="tabular w-full text-sm">
        <thead className="text-text-2">
          <tr className="border-b border-border">
            <th scope="col" className="py-2 pr-4 pl-5 text-left font-medium">
              Model
            </th>
            {COLUMNS.map((label) => (
              <th key={label} scope="col" className="py-2 pr-5 text-right font-medium whitespace-nowrap">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-border">
          {models.map((model) => (
            <ModelTableRow key={`${model.provider} ${model.name}`} model={model} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ModelTableRow({ model }: { model: ModelUsage }) {
  const { name, provider, requests, failed, cancelled, estimated, unpriced, prompt_tokens, completion_tokens, cost_usd } = model;
  const isUnknown = unpriced > 0 && cost_usd === 0;
  return (
    <tr data-model={name}>
      <th scope="row" className="min-w-40 py-2.5 pr-4 pl-5 text-left font-medium wrap-anywhere">
        {name} <span className="block font-normal text-text-3">{providerTitle(provider)}</span>
      </th>
      <td className="pr-5 text-right">{formatCount(requests)}</td>
      <td className="pr-5 text-right whitespace-nowrap">
        {isUnknown ? 'unknown' : formatDollars(cost_usd)}
        {unpriced > 0 && <span className="block text-text-3">{formatCount(unpriced)} unpriced</span>}
      </td>
      <td className="pr-5 text-right">{formatCount(prompt_tokens)}</td>
      <td className="pr-5 text-right">
        {formatCount(completion_tokens)}
        {estimated > 0 && <span className="block text-text-3">{formatCount(estimated)} estimated</span>}
      </td>
      <td className={failed > 0 ? 'pr-5 text-right text-bad' : 'pr-5 text-right'}>{formatCount(failed)}</td>
      <td className="pr-5 text-right">{formatCount(cancelled)}</td>
    </tr>
  );
}
