import type { LabRun } from '@prodigon/contracts/workshop';
import { ArrowLeft } from 'lucide-react';
import { Link } from 'wouter';
import { usePageTitle } from '../../design/browser-hooks.ts';
import { formatTimestamp } from '../../design/format.ts';
import { Panel } from '../../design/page.tsx';
import { labPath } from '../workshop/workshop-paths.ts';
import { isActive, useTask } from '../workshop/workshop-queries.ts';
import { LabLayout } from './lab-layout.tsx';
import { LabNotLoaded } from './lab-page.tsx';
import { refetchLab, useLab, useLabRun, useStopRun } from './lab-queries.ts';
import { PredictionCard } from './prediction-card.tsx';
import { RunHistory } from './run-history.tsx';
import { RunView } from './run-view.tsx';
import { useLiveLabRun } from './use-live-run.ts';

interface LabRunPageProps {
  lab: string;
  run: string;
}

/** One run of an experiment under its permanent URL. */
export default function LabRunPage({ lab, run: id }: LabRunPageProps) {
  const { data: run, error, refetch } = useLabRun(lab, id);
  usePageTitle(run ? `Run of ${formatTimestamp(run.created_at)}` : 'Run');
  if (run) return <Run run={run} />;
  return <LabNotLoaded name={lab} error={error} onRetry={() => void refetch()} />;
}

function Run({ run }: { run: LabRun }) {
  const { data: lab } = useLab(run.lab);
  const { data: task } = useTask(run.task);
  const stop = useStopRun({ id: run.lab, task: run.task });
  const isLost = useLiveLabRun(isActive(run) ? run : null, () => refetchLab({ id: run.lab, task: run.task }));
  return (
    <LabLayout
      title={lab?.title ?? 'Run'}
      lead={
        <>
          <Link href={labPath(run.lab)} className="inline-flex items-center gap-1.5 rounded-sm hover:text-text hover:underline">
            <ArrowLeft aria-hidden size={14} /> Lab
          </Link>{' '}
          · Run of {formatTimestamp(run.created_at)}
        </>
      }
    >
      {run.prediction && <PredictionCard prediction={run.prediction} />}
      <RunView run={run} task={task} isLost={isLost} isStopping={stop.isPending} onStop={() => stop.mutate(run.id)} />
      <SetupPanel run={run} />
      {lab && <RunHistory lab={lab.id} runs={lab.runs} current={run.id} />}
    </LabLayout>
  );
}

/** The settings and the machine of a run, for a repetition. */
function SetupPanel({ run }: { run: LabRun }) {
  const { environment } = run;
  const entries = [
    ['Seed', String(run.seed)],
    ['Blocks', `${run.progress.blocks_done}${run.is_quick ? ' (quick)' : ''}`],
    ['Workload', `${run.workload.label}: ${run.workload.description}`],
    ['Machine', `${environment.cpu}, ${environment.cpus} CPUs, ${Math.round(environment.memory_mb / 1024)} GB`],
    ['System', environment.os],
    ['Versions', `Prodigon ${environment.prodigon}, Node ${environment.node}`],
    ...run.arms.map(
      ({ label, configuration }) =>
        [
          label,
          Object.entries(configuration)
            .map(([name, value]) => `${name}=${value}`)
            .join(' ') || 'Default configuration',
        ] as const,
    ),
  ] as const;
  return (
    <Panel title="Setup">
      <dl className="tabular grid gap-x-6 gap-y-4 p-5 sm:grid-cols-2">
        {entries.map(([label, value]) => (
          <div key={label} className="min-w-0">
            <dt className="text-sm text-text-3">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
