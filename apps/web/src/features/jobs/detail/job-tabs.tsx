import type { Job } from '@prodigon/contracts';
import { useLocation, useSearch } from 'wouter';
import { TabLinks } from '../../../design/tab-links.tsx';
import { jobProgress } from '../job-progress.ts';
import { ProgressBar } from '../job-status.tsx';

const TABS = [
  { name: 'prompts', label: 'Prompts' },
  { name: 'timeline', label: 'Timeline' },
  { name: 'options', label: 'Options' },
] as const;
type JobTab = (typeof TABS)[number]['name'];

/** Returns the tab in the URL; by default the prompts with their responses. */
export function useJobTab(): JobTab {
  const tab = new URLSearchParams(useSearch()).get('tab');
  return TABS.find(({ name }) => name === tab)?.name ?? 'prompts';
}

/** The tabs of a job. They stay in view while the page scrolls, with the progress of the job. `--sticky-top` is their height. */
export function JobTabs({ job }: { job: Job }) {
  const [location] = useLocation();
  const search = useSearch();
  const current = useJobTab();
  const { percent } = jobProgress(job);

  function hrefOf(tab: JobTab): string {
    const parameters = new URLSearchParams(search);
    if (tab === 'prompts') parameters.delete('tab');
    else parameters.set('tab', tab);
    return `${location}${parameters.size > 0 ? `?${parameters}` : ''}`;
  }

  return (
    <div className="sticky top-0 z-2 flex h-(--sticky-top) justify-between gap-6 border-b border-border bg-bg">
      <TabLinks label="Job" tabs={TABS.map(({ name, label }) => ({ href: hrefOf(name), label, isCurrent: name === current }))} />
      <div aria-hidden="true" className="flex w-44 shrink-0 items-center gap-3 max-sm:w-24">
        <ProgressBar job={job} className="h-1.5 grow" />
        <span className="tabular text-sm text-text-2">{percent} %</span>
      </div>
    </div>
  );
}
