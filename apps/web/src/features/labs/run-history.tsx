import type { LabRunSummary } from '@prodigon/contracts/workshop';
import { Link } from 'wouter';
import { formatTimestamp } from '../../design/format.ts';
import { Panel } from '../../design/page.tsx';
import { labRunPath } from '../workshop/workshop-paths.ts';
import { useSearchParameter } from './search-parameter.ts';
import { formatRatio } from './verdict-scale.ts';

interface RunHistoryProps {
  lab: string;
  runs: readonly LabRunSummary[];
  /** The run that the page shows. */
  current: string | null;
}

/** All runs of the experiment, newest first. The user can overlay another run on the current one. */
export function RunHistory({ lab, runs, current }: RunHistoryProps) {
  const [overlay, setOverlay] = useSearchParameter('overlay');
  if (runs.length === 0) return null;
  return (
    <Panel title="Runs" aside={<span className="text-sm text-text-2">A completed run never changes</span>}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it. */}
      {/* biome-ignore lint/a11y/useSemanticElements: it groups a scrolling table, not form fields. */}
      <div role="group" aria-label="Runs" tabIndex={0} className="overflow-x-auto">
        <table className="tabular w-full text-sm">
          <thead>
            <tr className="text-text-2">
              {['Run', 'Workload', 'Seed', 'Result', 'Compare'].map((heading) => (
                <th key={heading} scope="col" className="px-4 py-2 text-start font-medium first:ps-5">
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id} data-run={run.id} className="border-t border-border">
                <td className="px-4 py-2 whitespace-nowrap first:ps-5">
                  <Link href={labRunPath(lab, run.id)} className="text-accent underline underline-offset-3">
                    {formatTimestamp(run.created_at)}
                  </Link>
                  {run.id === current && <span className="text-text-3"> (shown)</span>}
                </td>
                <td className="px-4 py-2">
                  {run.workload.label}
                  {run.is_quick && <span className="text-text-3"> · quick</span>}
                </td>
                <td className="px-4 py-2">{run.seed}</td>
                <td className="px-4 py-2 whitespace-nowrap">{resultOf(run)}</td>
                <td className="px-4 py-2">
                  {run.id !== current && run.status === 'completed' && (
                    <label className="target inline-flex items-center gap-2">
                      <input
                        type="checkbox"
                        checked={overlay === run.id}
                        onChange={(event) => setOverlay(event.target.checked ? run.id : null)}
                        className="size-4 accent-accent-fill"
                      />
                      <span>
                        Overlay<span className="sr-only"> the run of {formatTimestamp(run.created_at)}</span>
                      </span>
                    </label>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

const STATUS_LABELS = { queued: 'Queued', running: 'Running', completed: 'Completed', cancelled: 'Stopped', failed: 'Failed' };

function resultOf({ status, verdict }: LabRunSummary): string {
  if (!verdict) return STATUS_LABELS[status];
  return verdict.estimate ? `${verdict.status} · ${formatRatio(verdict.estimate.ratio)}` : verdict.status;
}
