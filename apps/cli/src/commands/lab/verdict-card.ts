import type { LabRun, LabVerdict, RatioEstimate } from '@prodigon/contracts/workshop';
import { countOf } from '../../format-numbers.ts';
import { indentText, type TextOptions } from '../../text-glyphs.ts';
import { drawRatioScale, formatRange, formatRatio, type ScaleRow } from './ratio-scale.ts';

/** Returns the verdict of a run as a card: the claim, the measured ratio on a scale, failed guards and the prediction. */
export function formatVerdictCard(run: LabRun, options: TextOptions): string {
  const { verdict } = run;
  if (!verdict) return '';
  const { columns, glyphs } = options;
  const rule = glyphs.horizontal;
  const title = `${rule.repeat(2)} ${verdict.status} `;
  const sections = [
    [indentText(`Claim: ${verdict.claim}`, columns), indentText(verdict.sentence, columns)],
    verdict.estimate ? scaleOf(run, verdict, verdict.estimate, options) : [],
    guardsOf(verdict, options),
    predictionOf(run, verdict, columns),
    verdict.would_change.length > 0
      ? ['  Recorded runs with another result:', ...verdict.would_change.map((text) => indentText(text, columns, '  - '))]
      : [],
    [indentText(sourceOf(run), columns)],
  ];
  return [
    title.padEnd(columns, rule),
    ...sections.filter((lines) => lines.length > 0).flatMap((lines, index) => [...(index === 0 ? [] : ['']), ...lines]),
    rule.repeat(columns),
  ].join('\n');
}

function scaleOf(run: LabRun, verdict: LabVerdict, estimate: RatioEstimate, { columns, glyphs }: TextOptions): string[] {
  const [from, to] = estimate.interval;
  const rows: ScaleRow[] = [
    {
      label: 'measured',
      range: { from, to },
      point: estimate.ratio,
      text: `${formatRatio(estimate.ratio)} (${formatRange({ from, to })})`,
    },
    { label: 'claimed', range: verdict.claim_range, text: formatRange(verdict.claim_range) },
    ...(run.prediction ? [{ label: 'predicted', range: run.prediction.range, text: formatRange(run.prediction.range) }] : []),
  ];
  const { margin } = verdict;
  return [
    indentText(describeRatio(run, estimate), columns),
    ...drawRatioScale(rows, columns, glyphs),
    indentText(
      `In parentheses: the 95 % interval. A ratio from ${formatRatio(1 - margin)} to ${formatRatio(1 + margin)} counts as no difference.`,
      columns,
    ),
  ];
}

/** Returns what a ratio compares, e.g. `CPU per request, gRPC divided by REST (lower is better)`. */
export function describeRatio({ metrics, arms }: LabRun, estimate: RatioEstimate): string {
  const metric = metrics.find(({ id }) => id === estimate.metric);
  const labelOf = (arm: string) => arms.find(({ id }) => id === arm)?.label ?? arm;
  const direction = metric && ` (${metric.is_higher_better ? 'higher' : 'lower'} is better)`;
  return `${metric?.label ?? estimate.metric}, ${labelOf(estimate.arm)} divided by ${labelOf(estimate.compared_with)}${direction ?? ''}`;
}

function guardsOf({ guards }: LabVerdict, { columns, glyphs }: TextOptions): string[] {
  const failed = guards.filter(({ is_met: isMet }) => !isMet);
  if (failed.length === 0) return guards.length === 0 ? [] : [`  Guards met: ${guards.length} of ${guards.length}.`];
  return [
    `  ${failed.length} of ${guards.length} guards failed, so the figures are not valid:`,
    ...failed.map(({ label, measured, required }) =>
      indentText(`${label}: ${measured}, required ${required}`, columns, `  ${glyphs.cross} `),
    ),
  ];
}

function predictionOf({ prediction }: LabRun, { prediction_status: status }: LabVerdict, columns: number): string[] {
  if (!prediction) return [];
  const judged = status === null || status === 'INVALID' ? '' : ` (${status})`;
  const text = `Your prediction: ${prediction.label}${judged}`;
  return [indentText(text, columns), indentText(`Your reason: ${prediction.reason}`, columns)];
}

const sourceOf = ({ id, seed, workload, is_quick: isQuick, points }: LabRun) =>
  `Run ${id}, seed ${seed}, ${workload.label}, ${countOf(points.length, 'measured block')}${isQuick ? ', quick' : ''}.`;
