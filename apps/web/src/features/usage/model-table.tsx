import { formatCount, formatDollars } from '../../design/format.ts';
import type { ModelUsage } from './usage-report.ts';

const COLUMNS = ['Requests', 'Cost', 'Tokens in', 'Tokens out', 'Failed', 'Cancelled'] as const;

/** What each model was used for, over all days. Estimates and unknown prices are marked where they count. */
export function ModelTable({ models }: { models: readonly ModelUsage[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls on a narrow screen, by keyboard too.
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
        {name} <span className="block font-normal text-text-3">{provider}</span>
      </th>
      <td className="pr-5 text-right">{formatCount(requests)}</td>
      <td className="pr-5 text-right whitespace-nowrap">
        {isUnknown ? 'not known' : formatDollars(cost_usd)}
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
