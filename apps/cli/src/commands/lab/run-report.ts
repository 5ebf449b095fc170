import type { LabRun } from '@prodigon/contracts/workshop';
import { asOneLine } from '../../terminal-text.ts';
import { formatRange, formatRatio } from './ratio-scale.ts';

/** Returns a run as a Markdown page: the verdict, the ratios, the guards and the machine. */
export function formatRunReport(run: LabRun): string {
  const { verdict, prediction, environment } = run;
  const sections = [
    `# ${verdict?.status ?? run.status}: ${verdict ? cell(verdict.claim) : run.lab}`,
    verdict ? cell(verdict.sentence) : (run.problem ?? ''),
    prediction
      ? `Prediction: ${cell(prediction.label)}${verdict?.prediction_status ? ` (${verdict.prediction_status})` : ''}. Reason: ${cell(prediction.reason)}`
      : '',
    run.estimates.length > 0 ? `## Ratios\n\n${ratioTable(run)}` : '',
    verdict && verdict.guards.length > 0 ? `## Guards\n\n${guardTable(verdict.guards)}` : '',
    verdict && verdict.would_change.length > 0
      ? `## Runs with another result\n\n${verdict.would_change.map((text) => `- ${cell(text)}`).join('\n')}`
      : '',
    `## Run\n\n${table(
      ['', ''],
      [
        ['Id', run.id],
        ['Started', run.started_at ?? 'never'],
        ['Seed', String(run.seed)],
        ['Workload', `${run.workload.label}${run.is_quick ? ', quick' : ''}`],
        ['Blocks', String(run.points.length)],
        ['Machine', `${environment.cpu}, ${environment.cpus} CPUs, ${Math.round(environment.memory_mb)} MB`],
        ['Software', `Prodigon ${environment.prodigon}, Node ${environment.node}, ${environment.os}`],
      ],
    )}`,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function ratioTable({ estimates, metrics, arms }: LabRun): string {
  const labelOf = (items: readonly { id: string; label: string }[], id: string) =>
    items.find((item) => item.id === id)?.label ?? id;
  return table(
    ['Metric', 'Arm', 'Divided by', 'Ratio', '95 % interval'],
    estimates.map(({ metric, arm, compared_with: other, ratio, interval: [from, to] }) => [
      labelOf(metrics, metric),
      labelOf(arms, arm),
      labelOf(arms, other),
      formatRatio(ratio),
      formatRange({ from, to }),
    ]),
  );
}

const guardTable = (guards: NonNullable<LabRun['verdict']>['guards']) =>
  table(
    ['Guard', 'Met', 'Measured', 'Required'],
    guards.map(({ label, is_met: isMet, measured, required }) => [label, isMet ? 'yes' : 'no', measured, required]),
  );

const cell = (text: string) => asOneLine(text, 2_000).replaceAll('|', '\\|');
const row = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
const table = (headings: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(headings), `|${'---|'.repeat(headings.length)}`, ...rows.map(row)].join('\n');
