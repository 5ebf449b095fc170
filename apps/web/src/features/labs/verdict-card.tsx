import type { LabRun, LabVerdict, VerdictStatus } from '@prodigon/contracts/workshop';
import { clsx } from 'clsx';
import { Check, CircleCheck, CircleHelp, CircleX, TriangleAlert, X } from 'lucide-react';
import { useId } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../design/button.tsx';
import { labPath } from '../workshop/workshop-paths.ts';
import { focusPart } from './focus-part.ts';
import { createVerdictScale, formatRange, formatRatio, type ScaleRange } from './verdict-scale.ts';

const STATUSES = {
  SUPPORTED: {
    Icon: CircleCheck,
    tag: 'bg-ok',
    text: 'text-ok',
    surface: 'border-ok/40',
    meaning: 'The measurement agrees with the claim.',
  },
  REFUTED: {
    Icon: CircleX,
    tag: 'bg-bad',
    text: 'text-bad',
    surface: 'notice-bad',
    meaning: 'The measurement contradicts the claim.',
  },
  INCONCLUSIVE: {
    Icon: CircleHelp,
    tag: 'bg-warn',
    text: 'text-warn',
    surface: 'notice-warn',
    meaning: 'The interval is too wide to decide. A longer run narrows it.',
  },
  INVALID: {
    Icon: TriangleAlert,
    tag: 'bg-warn',
    text: 'text-warn',
    surface: 'notice-warn',
    meaning: 'A guard failed, so the figures are not valid.',
  },
} as const satisfies Record<VerdictStatus, object>;

interface VerdictCardProps {
  run: LabRun;
  verdict: LabVerdict;
}

/** The verdict on the claim and on the prediction. */
export function VerdictCard({ run, verdict }: VerdictCardProps) {
  const { status, sentence, estimate, claim, claim_range, guards, would_change, prediction_status } = verdict;
  const { Icon, tag, surface, meaning } = STATUSES[status];
  const id = useId();
  const metric = run.metrics.find(({ id }) => id === estimate?.metric);
  return (
    <section aria-labelledby={id} data-verdict={status} className={clsx('flex flex-col gap-4 rounded-md border p-5', surface)}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-2">
          <span
            className={clsx(
              'inline-flex items-center gap-1.5 rounded-full px-3 py-0.5 text-xs font-bold tracking-wide text-bg',
              tag,
            )}
          >
            <Icon aria-hidden size={14} /> {status}
          </span>
          <h2 id={id} className="text-lg font-semibold wrap-anywhere">
            {sentence}
          </h2>
        </div>
        {estimate && (
          <p className="tabular text-sm text-text-2">
            95 % interval {formatRatio(estimate.interval[0])} to {formatRatio(estimate.interval[1])}
          </p>
        )}
      </div>
      <p className="text-sm text-text-2">
        Claim: “{claim}” ({formatRange(claim_range)}). {meaning}
      </p>
      {estimate && <Scale run={run} verdict={verdict} metric={metric?.label ?? estimate.metric} />}
      {run.prediction && prediction_status && (
        <p className="text-sm">
          {prediction_status === 'INVALID' ? (
            <span className="font-semibold">This run decides nothing about your prediction:</span>
          ) : (
            <span className={clsx('font-semibold', STATUSES[prediction_status].text)}>Your prediction: {prediction_status}.</span>
          )}{' '}
          {run.prediction.label} ({formatRange(run.prediction.range)}).
        </p>
      )}
      {status === 'INVALID' && <NextStep lab={run.lab} />}
      <GuardList guards={guards} />
      {would_change.length > 0 && (
        <div className="text-sm">
          <h3 className="font-semibold">Recorded runs with another result</h3>
          <p className="text-text-2">The authors of the workshop recorded these runs. They have no influence on your verdict.</p>
          <ul className="mt-1 list-disc ps-5 text-text-2">
            {would_change.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

/** What to do after an invalid run. */
function NextStep({ lab }: { lab: string }) {
  const [, navigate] = useLocation();
  const goToForm = () => {
    navigate(`${labPath(lab)}#run`);
    focusPart('run');
  };
  return (
    <div className="flex flex-wrap items-center gap-3 text-sm">
      <p className="min-w-48 flex-1">
        <span className="font-semibold">What to do now:</span> close other programs that use the processor, and run the experiment
        again.
      </p>
      <Button onClick={goToForm}>Run again</Button>
    </div>
  );
}

/** Lists the guards, open if one failed. */
function GuardList({ guards }: Pick<LabVerdict, 'guards'>) {
  const failed = guards.filter(({ is_met }) => !is_met);
  if (guards.length === 0) return null;
  return (
    <details open={failed.length > 0} className="text-sm">
      <summary className="target disclosure font-semibold">
        Guards: {guards.length - failed.length} of {guards.length} met
      </summary>
      <ul className="mt-1 flex flex-col gap-1">
        {guards.map(({ id, label, is_met, measured, required }) => (
          <li key={id} className="flex gap-2">
            {is_met ? (
              <Check aria-label="Met:" size={16} className="mt-0.5 shrink-0 text-ok" />
            ) : (
              <X aria-label="Not met:" size={16} className="mt-0.5 shrink-0 text-bad" />
            )}
            <span className="min-w-0 wrap-anywhere">
              {label}: <span className={clsx('tabular', is_met ? 'text-text-2' : 'font-medium text-bad')}>{measured}</span>{' '}
              <span className="text-text-3">(required: {required})</span>
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

const toStyle = ({ from, to }: ScaleRange) => ({ left: `${from * 100}%`, width: `${(to - from) * 100}%` });

function Scale({ run, verdict, metric }: VerdictCardProps & { metric: string }) {
  const predicted = run.prediction?.range ?? null;
  const scale = createVerdictScale(verdict, predicted);
  const { estimate, margin } = verdict;
  if (!estimate || !scale.measured) return null;
  const labelOf = (id: string) => run.arms.find((arm) => arm.id === id)?.label ?? id;
  const percent = Math.round(margin * 100);
  const description = `${metric}: ${labelOf(estimate.arm)} has ${formatRatio(estimate.ratio)} the value of ${labelOf(estimate.compared_with)}. Ratios within ${percent} % of 1 count as no difference.${predicted ? ` Predicted: ${formatRange(predicted)}.` : ''}`;
  const { text } = STATUSES[verdict.status];
  return (
    <div role="img" aria-label={description} className="flex flex-col gap-2">
      <p className="text-sm text-text-2">
        {metric}: {labelOf(estimate.arm)} ÷ {labelOf(estimate.compared_with)}
      </p>
      <div className="tabular relative mt-6 h-5 text-xs">
        <div className="absolute inset-x-0 top-1/2 border-t-2 border-control" />
        <div className="absolute inset-y-0 rounded-sm bg-surface-2 outline outline-border" style={toStyle(scale.margin)} />
        {scale.predicted && (
          <div
            className="stripes absolute inset-y-0 rounded-sm border border-dashed border-series-4 bg-series-4/20"
            style={toStyle(scale.predicted)}
          />
        )}
        {scale.ticks.map(({ ratio, at }) => (
          <span key={ratio} className="absolute top-full -translate-x-1/2 pt-1 text-text-3" style={{ left: `${at * 100}%` }}>
            {formatRatio(ratio)}
          </span>
        ))}
        {scale.ticks.map(({ ratio, at }) => (
          <span key={ratio} className="absolute inset-y-0 border-l border-control" style={{ left: `${at * 100}%` }} />
        ))}
        <span
          className={clsx('absolute top-1/2 h-1.5 min-w-1 -translate-y-1/2 rounded-full bg-current', text)}
          style={toStyle(scale.measured.interval)}
        />
        <span
          className={clsx('absolute top-1/2 size-3.5 -translate-1/2 rotate-45 border-2 border-bg bg-current', text)}
          style={{ left: `${scale.measured.at * 100}%` }}
        />
        <span
          className={clsx('absolute bottom-full -translate-x-1/2 pb-0.5 text-sm font-semibold', text)}
          style={{ left: `${scale.measured.at * 100}%` }}
        >
          {formatRatio(estimate.ratio)}
        </span>
      </div>
      <ul className="mt-5 flex flex-wrap gap-x-5 gap-y-1 text-xs text-text-2">
        <li className="flex items-center gap-2">
          <span className={clsx('size-2.5 rotate-45 bg-current', text)} /> measured
        </li>
        <li className="flex items-center gap-2">
          <span className="h-3 w-5 rounded-sm bg-surface-2 outline outline-border" /> no difference (±{percent} %)
        </li>
        {predicted && (
          <li className="flex items-center gap-2">
            <span className="h-3 w-5 rounded-sm border border-dashed border-series-4 bg-series-4/20" /> you predicted{' '}
            {formatRange(predicted)}
          </li>
        )}
      </ul>
    </div>
  );
}
