import type { UsageReport } from '@prodigon/contracts';
import { useCallback, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { api } from '../../api/api.ts';
import { usePolled } from '../../api/use-polled.ts';
import { Button } from '../../design/button.tsx';
import { ButtonLink } from '../../design/button-link.tsx';
import { classes } from '../../design/classes.ts';
import { Page } from '../../design/page.tsx';
import { Panel } from '../../design/panel.tsx';
import { Segments } from '../../design/segments.tsx';
import { ChartTable } from './chart-table.tsx';
import { MEASURE_WORDS } from './measure-words.ts';
import { ModelTable } from './model-table.tsx';
import { UsageChart } from './usage-chart.tsx';
import { UsageFailure } from './usage-failure.tsx';
import { MEASURES, type Measure, periodOf, RANGES, usageViewOf } from './usage-query.ts';
import { chartOf, usageByModel } from './usage-report.ts';
import { UsageTotals } from './usage-totals.tsx';

const EVERY_MS = 10_000;
const nextInMs = () => EVERY_MS;

/** What the caller has used of the models, and what it cost: only what was recorded, with its age when it is old. */
export default function UsagePage() {
  const parameters = new URLSearchParams(useSearch());
  const [, navigate] = useLocation();
  const { range, measure } = usageViewOf(parameters);
  const load = useCallback((signal: AbortSignal) => api.usage(periodOf(range, Date.now()), signal), [range]);
  const { value, receivedAt, isOutdated, failure, reload } = usePolled(load, nextInMs);

  const put = (name: string, chosen: string) => {
    parameters.set(name, chosen);
    navigate(`/usage?${parameters}`, { replace: true });
  };
  return (
    <Page
      title="Usage"
      lead="What your questions took, and what it cost. Days are in UTC."
      actions={
        <Segments
          label="Days"
          options={RANGES.map((days) => ({ value: days, label: `${days} days` }))}
          value={range}
          onChange={(days) => put('days', days)}
        />
      }
    >
      {failure && <UsageFailure failure={failure} receivedAt={receivedAt} onRetry={reload} />}
      {value === null && !failure && <p className="text-text-2">Loading…</p>}
      {value !== null && (
        <div aria-busy={isOutdated} className={classes('flex flex-col gap-6', (failure || isOutdated) && 'grayscale')}>
          {value.totals.requests === 0 ? (
            <NoUsage />
          ) : (
            <Report report={value} measure={measure} onMeasure={(chosen) => put('measure', chosen)} />
          )}
        </div>
      )}
    </Page>
  );
}

interface ReportProps {
  report: UsageReport;
  measure: Measure;
  onMeasure: (measure: Measure) => void;
}

function Report({ report, measure, onMeasure }: ReportProps) {
  const [isTable, setTable] = useState(false);
  const chart = chartOf(report, measure);
  return (
    <>
      <UsageTotals totals={report.totals} />
      <Panel
        title="By day"
        aside={
          <div className="flex flex-wrap items-center gap-2">
            <Segments
              label="Measure"
              options={MEASURES.map((value) => ({ value, label: MEASURE_WORDS[value] }))}
              value={measure}
              onChange={onMeasure}
            />
            <Button look="quiet" onClick={() => setTable(!isTable)}>
              {isTable ? 'As a chart' : 'As a table'}
            </Button>
          </div>
        }
      >
        {chart.series.length === 0 && <p className="px-5 py-10 text-center text-text-2">{EMPTY_WORDS[measure]}</p>}
        {chart.series.length > 0 &&
          (isTable ? <ChartTable chart={chart} measure={measure} /> : <UsageChart chart={chart} measure={measure} />)}
      </Panel>
      <Panel title="By model">
        <ModelTable models={usageByModel(report)} />
      </Panel>
    </>
  );
}

const EMPTY_WORDS: Record<Measure, string> = {
  requests: 'There were no requests.',
  tokens: 'No tokens were counted.',
  cost: 'Nothing has cost anything: free models, or models whose price is not known.',
};

function NoUsage() {
  return (
    <div className="rounded-md border border-border px-5 py-10 text-center text-text-2">
      <p>Nothing was asked in these days.</p>
      <ButtonLink href="/chat" className="mt-3">
        Ask a question
      </ButtonLink>
    </div>
  );
}
