import type { Job } from '@prodigon/contracts';
import { formatCount, formatMoment } from '../../../design/format.ts';
import { Panel } from '../../../design/panel.tsx';

/** What the job was submitted with. */
export function OptionsPanel({ job }: { job: Job }) {
  const facts = [
    ['Model', job.model ?? 'the default model'],
    ['Longest answer', `${formatCount(job.max_tokens)} tokens`],
    ['Temperature', String(job.temperature)],
    ['Priority', String(job.priority)],
    ['Expires', formatMoment(job.expires_at)],
    ['Id', job.job_id],
  ] as const;
  return (
    <Panel title="Options">
      <dl className="tabular grid gap-x-6 gap-y-4 p-5 sm:grid-cols-2 lg:grid-cols-3">
        {facts.map(([label, value]) => (
          <div key={label} className="min-w-0">
            <dt className="text-sm text-text-3">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
        {job.system_prompt && (
          <div className="sm:col-span-2 lg:col-span-3">
            <dt className="text-sm text-text-3">System prompt</dt>
            <dd dir="auto" className="max-h-60 overflow-y-auto whitespace-pre-wrap wrap-anywhere">
              {job.system_prompt}
            </dd>
          </div>
        )}
      </dl>
    </Panel>
  );
}
