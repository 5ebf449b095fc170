import type { Task } from '@prodigon/contracts/workshop';
import { clsx } from 'clsx';
import { Check, FlaskConical } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { ListSkeleton } from '../../design/skeleton.tsx';
import { useLab } from '../labs/lab-queries.ts';
import { ProgressBar } from './progress-bar.tsx';
import { formatMinutes, progressShare } from './task-progress.ts';
import { labPath, sectionPath, taskPath, workshopPlaceOf } from './workshop-paths.ts';
import { useTask } from './workshop-queries.ts';

/** The context column of a lesson and its lab: the sections with ticks and the progress. */
export default function WorkshopColumn() {
  const [pathname] = useLocation();
  const place = workshopPlaceOf(pathname);
  const { data: lab } = useLab(place.lab ?? '');
  const { data: task, error } = useTask(place.task ?? lab?.task ?? '');
  if (task) return <TaskColumn task={task} section={place.section} isLab={place.lab !== undefined} />;
  return error ? <p className="p-4 text-sm text-text-2">{error.message}</p> : <ListSkeleton />;
}

function TaskColumn({ task, section, isLab }: { task: Task; section: string | undefined; isLab: boolean }) {
  const { id, title, minutes, progress, sections, stages, lab } = task;
  return (
    <div className="flex h-full flex-col gap-4 overflow-y-auto p-4">
      <div>
        <p className="text-sm text-text-2">
          <Link href="/workshop" className="rounded-sm hover:text-text hover:underline">
            Workshop
          </Link>
        </p>
        <p className="font-semibold">
          <Link href={taskPath(id)} className="rounded-sm hover:text-accent hover:underline">
            {Number(id)} {title}
          </Link>
        </p>
        <p className="tabular mt-1 text-sm text-text-2">{formatMinutes(progress, minutes)}</p>
        <ProgressBar label="Progress of this task" share={progressShare(progress, sections.length)} className="mt-2" />
      </div>
      <nav aria-label="Lesson">
        <ol className="flex flex-col gap-0.5">
          {sections.map(({ slug, title }, index) => (
            <li key={slug}>
              <ColumnLink href={sectionPath(id, slug)} isCurrent={slug === section}>
                <span aria-hidden="true" className="tabular w-5 shrink-0 text-center text-sm">
                  {progress.sections_done.includes(slug) ? <Check size={14} className="m-auto text-ok" /> : index + 1}
                </span>
                <span className="min-w-0 flex-1">
                  {title}
                  {progress.sections_done.includes(slug) && <span className="sr-only"> (done)</span>}
                </span>
                {slug.startsWith('fix') && <span className="shrink-0 text-xs text-text-3">{stages.length} stages</span>}
              </ColumnLink>
            </li>
          ))}
          <li className="mt-2 border-t border-border pt-2">
            <ColumnLink href={labPath(lab)} isCurrent={isLab}>
              <FlaskConical aria-hidden size={14} className="w-5 shrink-0" />
              <span className="min-w-0 flex-1">Lab</span>
              <span className="tabular shrink-0 text-xs text-text-3">
                {progress.checks_passed} of {progress.checks_total} checks
              </span>
            </ColumnLink>
          </li>
        </ol>
      </nav>
    </div>
  );
}

function ColumnLink({ href, isCurrent, children }: { href: string; isCurrent: boolean; children: ReactNode }) {
  return (
    <Link
      href={href}
      aria-current={isCurrent ? 'page' : undefined}
      className={clsx(
        'target flex items-center gap-2 rounded-sm px-2 py-1.5 text-sm transition',
        isCurrent ? 'bg-accent-soft font-medium text-accent' : 'text-text-2 hover:bg-surface-2 hover:text-text',
      )}
    >
      {children}
    </Link>
  );
}
