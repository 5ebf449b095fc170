import type { UsageReport, UsageSums } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { api } from '../../api/api.ts';
import { usePolledQuery } from '../../api/query-client.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { SegmentedControl } from '../../design/form-controls.tsx';
import { formatCount, formatCountOf, formatDollars } from '../../design/format.ts';
import { StaleNotice } from '../../design/notice.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { UsageChart } from './usage-chart.tsx';
import {
  localTimeZone,
  MEASURE_LABELS,
  MEASURES,
  type Measure,
  RANGE_DEFAULT,
  RANGE_LABELS,
  RANGES,
  type Range,
  reportOfModel,
  shortestRange,
  usageByModel,
  usageChart,
  usagePeriod,
  usageView,
} from './usage-report.ts';
import { ChartTable, ModelTable } from './usage-tables.tsx';

const POLL_INTERVAL_MS = 10_000;

/** Shows the owner's recorded requests, tokens and cost, with their age when they are not current. */
export default function UsagePage() {
  const parameters = new URLSearchParams(useSearch());
  const [, navigate] = useLocation();
  const { range: selected, measure } = usageView(parameters);
  const [found, setFound] = useState<Range>();
  const range = selected ?? found ?? RANGE_DEFAULT;
  const timeZone = localTimeZone();
  const { value, receivedAt, isOutdated, failure, reload } = usePolledQuery(
    ['usage', range],
    (signal) => api.usage(usagePeriod(range, Date.now(), timeZone), signal),
    () => POLL_INTERVAL_MS,
  );

  // Once data has arrived, the range no longer changes by itself.
  const shortest = value && !selected && !found ? shortestRange(value) : undefined;
  if (shortest) setFound(shortest);

  const setParameter = (name: string, selected: string | null) => {
    if (selected === null) parameters.delete(name);
    else parameters.set(name, selected);
    navigate(`/usage?${parameters}`, { replace: true });
  };
  return (
    <Page
      title="Usage"
      lead={`Requests, tokens and cost by day and model. Time zone: ${timeZone}`}
      actions={
        <SegmentedControl
          label="Period"
          options={RANGES.map((days) => ({ value: days, label: RANGE_LABELS[days] }))}
          value={range}
          onChange={(days) => setParameter('days', days)}
        />
      }
    >
      {failure && <StaleNotice title="Could not load usage" failure={failure} receivedAt={receivedAt} onRetry={reload} />}
      {value === null && !failure && <p className="text-text-2">Loading…</p>}
      {value !== null && (
        <div aria-busy={isOutdated} className={clsx('flex flex-col gap-6', (failure || isOutdated) && 'grayscale')}>
          {value.totals.requests === 0 ? (
            <NoUsage />
          ) : (
            <Report
              report={value}
              unit={range === '1' ? 'hour' : 'day'}
              model={parameters.get('model')}
              measure={measure}
              onMeasure={(selected) => setParameter('measure', selected)}
              onModel={(selected) => setParameter('model', selected)}
            />
          )}
        </div>
      )}
    </Page>
  );
}

interface ReportProps {
  report: UsageReport;
  unit: 'day' | 'hour';
  /** Restricts the totals and the chart; null for all models. */
  model: string | null;
  measure: Measure;
  onMeasure: (measure: Measure) => void;
  /** Called with null for all models. */
  onModel: (model: string | null) => void;
}

function Report({ report, unit, model, measure, onMeasure, onModel }: ReportProps) {
  const [isTable, setTable] = useState(false);
  const shown = reportOfModel(report, model);
  const chart = usageChart(shown, measure, unit);
  return (
    <>
      <UsageTotals totals={shown.totals} />
      <Panel
        title={unit === 'hour' ? 'By hour' : 'By day'}
        aside={
          <div className="flex flex-wrap items-center gap-2">
            <ModelFilter models={[...new Set(report.rows.map((row) => row.model))]} model={model} onModel={onModel} />
            <SegmentedControl
              label="Measure"
              options={MEASURES.map((value) => ({ value, label: MEASURE_LABELS[value] }))}
              value={measure}
              onChange={onMeasure}
            />
            <Button variant="quiet" onClick={() => setTable(!isTable)}>
              {isTable ? 'Show chart' : 'Show table'}
            </Button>
          </div>
        }
      >
        {chart.series.length === 0 && <p className="px-5 py-10 text-center text-text-2">{EMPTY_MESSAGES[measure]}</p>}
        {chart.series.length > 0 &&
          (isTable ? <ChartTable chart={chart} measure={measure} /> : <UsageChart chart={chart} measure={measure} />)}
      </Panel>
      <div id="by-model">
        <Panel title="By model">
          <ModelTable models={usageByModel(report)} />
        </Panel>
      </div>
    </>
  );
}

interface ModelFilterProps {
  models: readonly string[];
  model: string | null;
  onModel: (model: string | null) => void;
}

function ModelFilter({ models, model, onModel }: ModelFilterProps) {
  if (models.length < 2 && model === null) return null;
  // A model without usage in this period stays selected.
  const options = model === null || models.includes(model) ? models : [...models, model];
  return (
    <select
      aria-label="Model"
      value={model ?? ''}
      onChange={(event) => onModel(event.target.value || null)}
      className="field w-auto max-w-56 text-sm"
    >
      <option value="">All models</option>
      {options.toSorted().map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

const EMPTY_MESSAGES: Record<Measure, string> = {
  requests: 'No requests',
  tokens: 'No tokens',
  cost: 'No cost: the models are free, or their prices are unknown.',
};

function NoUsage() {
  return (
    <div className="rounded-md border border-border px-5 py-10 text-center text-text-2">
      <p>No requests in this period</p>
      <ButtonLink href="/chat" className="mt-3">
        Ask a question
      </ButtonLink>
    </div>
  );
}

/** The totals of the period, with the accuracy of their values. */
function UsageTotals({ totals }: { totals: UsageSums }) {
  const { requests, failed, cancelled, estimated, unpriced, prompt_tokens, completion_tokens, cost_usd, attempts } = totals;
  const tiles = [
    ['Requests', formatCount(requests), formatCountOf(attempts, 'provider call')],
    ['Prompt tokens', formatCount(prompt_tokens), accuracyLabel(estimated)],
    ['Completion tokens', formatCount(completion_tokens), accuracyLabel(estimated)],
    [
      'Cost',
      formatDollars(cost_usd),
      unpriced > 0 ? `excludes ${formatCountOf(unpriced, 'request')} with unknown price` : 'all requests priced',
    ],
    ['Cancelled', formatCount(cancelled), shareLabel(cancelled, requests)],
  ] as const;
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-md border border-border bg-border sm:grid-cols-3 xl:grid-cols-6">
      {tiles.map(([label, value, note]) => (
        <div key={label} className="bg-bg px-5 py-4">
          <dt className="text-sm text-text-2">{label}</dt>
          <dd className="tabular mt-0.5 text-xl font-semibold tracking-tight">{value}</dd>
          <dd className="tabular mt-1 text-sm text-text-3">{note}</dd>
        </div>
      ))}
      <div className="bg-bg px-5 py-4">
        <dt className="text-sm text-text-2">Failed</dt>
        <dd className={clsx('tabular mt-0.5 text-xl font-semibold tracking-tight', failed > 0 && 'text-bad')}>
          {formatCount(failed)}
        </dd>
        <dd className="tabular mt-1 text-sm text-text-3">
          {failed > 0 ? (
            <a href="#by-model" className="rounded-sm text-accent underline underline-offset-3">
              {shareLabel(failed, requests)}
            </a>
          ) : (
            shareLabel(failed, requests)
          )}
        </dd>
      </div>
    </dl>
  );
}

function accuracyLabel(estimated: number): string {
  return estimated > 0 ? `estimated for ${formatCountOf(estimated, 'request')}` : 'reported by providers';
}

function shareLabel(count: number, requests: number): string {
  return requests === 0 ? 'no requests' : `${((count / requests) * 100).toFixed(count === 0 ? 0 : 1)} % of requests`;
}
