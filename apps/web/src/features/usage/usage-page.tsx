import { ALL_OWNERS, type UsageQuery, type UsageReport } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { api } from '../../api/api.ts';
import { usePolledQuery } from '../../api/query-client.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { SegmentedControl } from '../../design/form-controls.tsx';
import { StaleNotice } from '../../design/notice.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { providerTitle } from '../models/provider-title.ts';
import { ExportButton } from './export-button.tsx';
import { UsageChart } from './usage-chart.tsx';
import { FilterSelect, OwnerFilter, useOwners } from './usage-filters.tsx';
import { filterReport, keysIn, NO_KEY, usageByKey, usageByModel } from './usage-groups.ts';
import {
  GROUPING_LABELS,
  GROUPINGS,
  localTimeZone,
  MEASURE_LABELS,
  MEASURES,
  type Measure,
  RANGE_DEFAULT,
  RANGE_LABELS,
  RANGES,
  type Range,
  shortestRange,
  usageChart,
  usagePeriod,
  usageView,
} from './usage-report.ts';
import { ChartTable, SumsTable } from './usage-tables.tsx';
import { UsageTotals } from './usage-totals.tsx';

const POLL_INTERVAL_MS = 10_000;

/** Shows recorded requests, tokens and cost of one owner or, for admins, of all, with their age when they are not current. */
export default function UsagePage() {
  const parameters = new URLSearchParams(useSearch());
  const [, navigate] = useLocation();
  const { range: selected } = usageView(parameters);
  const owner = parameters.get('owner');
  const [found, setFound] = useState<Range>();
  const range = selected ?? found ?? RANGE_DEFAULT;
  const timeZone = localTimeZone();
  const query = (): UsageQuery => ({ ...usagePeriod(range, Date.now(), timeZone), by: 'key', ...(owner !== null && { owner }) });
  const { value, receivedAt, isOutdated, failure, reload } = usePolledQuery(
    ['usage', range, owner],
    (signal) => api.usage(query(), signal),
    () => POLL_INTERVAL_MS,
  );

  // Once data has arrived, the range no longer changes by itself.
  const shortest = value && !selected && !found ? shortestRange(value) : undefined;
  if (shortest) setFound(shortest);

  const setParameters = (changes: Readonly<Record<string, string | null>>) => {
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) parameters.delete(name);
      else parameters.set(name, value);
    }
    navigate(`/usage?${parameters}`, { replace: true });
  };
  return (
    <Page
      title="Usage"
      lead={`Requests, tokens and cost by day and model. Time zone: ${timeZone}`}
      actions={
        <>
          {/* The keys of another owner are others. */}
          <OwnerFilter owner={owner} onOwner={(selected) => setParameters({ owner: selected, key: null })} />
          <SegmentedControl
            label="Period"
            options={RANGES.map((days) => ({ value: days, label: RANGE_LABELS[days] }))}
            value={range}
            onChange={(days) => setParameters({ days })}
          />
        </>
      }
    >
      {failure && <StaleNotice title="Could not load usage" failure={failure} receivedAt={receivedAt} onRetry={reload} />}
      {value === null && !failure && <p className="text-text-2">Loading…</p>}
      {value !== null && (
        <div aria-busy={isOutdated} className={clsx('flex flex-col gap-6', (failure || isOutdated) && 'grayscale')}>
          {value.totals.requests === 0 ? (
            <NoUsage owner={owner} onAllOwners={() => setParameters({ owner: ALL_OWNERS })} />
          ) : (
            <Report
              report={value}
              unit={range === '1' ? 'hour' : 'day'}
              query={query}
              parameters={parameters}
              onChange={setParameters}
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
  /** Returns the query of the report. */
  query: () => UsageQuery;
  /** Of the URL. */
  parameters: URLSearchParams;
  onChange: (changes: Readonly<Record<string, string | null>>) => void;
}

/** The filters restrict the totals and the chart. Each table shows all of what its own filter selects from. */
function Report({ report, unit, query, parameters, onChange }: ReportProps) {
  const [isTable, setTable] = useState(false);
  const { measure, grouping: selected } = usageView(parameters);
  const [model, key] = [parameters.get('model'), parameters.get('key')];
  const keys = keysIn(report);
  // An owner with one key sees the same page as before there were keys.
  const hasKeys = keys.length > 1 || key !== null;
  const grouping = hasKeys ? selected : 'model';
  const shown = filterReport(report, { model, key });
  const chart = usageChart(shown, measure, unit, grouping);
  const models = [...new Set(report.rows.map((row) => row.model))].sort().map((name) => ({ id: name, label: name }));
  const isAllOwners = parameters.get('owner') === ALL_OWNERS;
  return (
    <>
      <UsageTotals totals={shown.totals} />
      <Panel
        title={unit === 'hour' ? 'By hour' : 'By day'}
        aside={
          <div className="flex flex-wrap items-center gap-2">
            <FilterSelect
              label="Model"
              all="All models"
              options={models}
              value={model}
              onChange={(model) => onChange({ model })}
            />
            <FilterSelect label="Key" all="All keys" options={keys} value={key} onChange={(key) => onChange({ key })} />
            {hasKeys && (
              <SegmentedControl
                label="Group by"
                options={GROUPINGS.map((value) => ({ value, label: GROUPING_LABELS[value] }))}
                value={grouping}
                onChange={(by) => onChange({ by })}
              />
            )}
            <SegmentedControl
              label="Measure"
              options={MEASURES.map((value) => ({ value, label: MEASURE_LABELS[value] }))}
              value={measure}
              onChange={(measure) => onChange({ measure })}
            />
            <Button variant="quiet" onClick={() => setTable(!isTable)}>
              {isTable ? 'Show chart' : 'Show table'}
            </Button>
            {/* The API selects by the id of a key. */}
            {key !== NO_KEY && (
              <ExportButton query={() => ({ ...query(), ...(model !== null && { model }), ...(key !== null && { key }) })} />
            )}
          </div>
        }
      >
        {chart.series.length === 0 && <p className="px-5 py-10 text-center text-text-2">{EMPTY_MESSAGES[measure]}</p>}
        {chart.series.length > 0 &&
          (isTable ? (
            <ChartTable chart={chart} measure={measure} grouping={grouping} />
          ) : (
            <UsageChart chart={chart} measure={measure} grouping={grouping} />
          ))}
      </Panel>
      {hasKeys && (
        <Panel title="By key">
          <SumsTable
            label="Key"
            rows={usageByKey(filterReport(report, { model, key: null }))}
            noteOf={({ note }) => (isAllOwners ? note : null)}
          />
        </Panel>
      )}
      <div id="by-model">
        <Panel title="By model">
          <SumsTable
            label="Model"
            rows={usageByModel(filterReport(report, { model: null, key }))}
            noteOf={({ note }) => providerTitle(note)}
          />
        </Panel>
      </div>
    </>
  );
}

const EMPTY_MESSAGES: Record<Measure, string> = {
  requests: 'No requests',
  tokens: 'No tokens',
  cost: 'No cost: the models are free, or their prices are unknown.',
};

interface NoUsageProps {
  /** Null for the owner of this browser tab. */
  owner: string | null;
  onAllOwners: () => void;
}

function NoUsage({ owner, onAllOwners }: NoUsageProps) {
  const { others } = useOwners();
  return (
    <div className="rounded-md border border-border px-5 py-10 text-center text-text-2">
      <p>No requests in this period</p>
      <ButtonLink href="/chat" className="mt-3">
        Ask a question
      </ButtonLink>
      {owner === null && others.length > 0 && (
        <Button variant="quiet" className="mt-3 ml-3" onClick={onAllOwners}>
          Show all owners
        </Button>
      )}
    </div>
  );
}
