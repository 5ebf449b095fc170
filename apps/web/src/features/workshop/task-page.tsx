import type { Task } from '@prodigon/contracts/workshop';
import { ArrowRight, Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { usePageTitle } from '../../design/browser-hooks.ts';
import { ButtonLink, buttonClassNames } from '../../design/button.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { formatMinutes } from './task-progress.ts';
import { WorkshopFailure } from './workshop-failure.tsx';
import { labPath, sectionPath } from './workshop-paths.ts';
import { useTask } from './workshop-queries.ts';

/** The goals and prerequisites of a task, with links to its sections and its lab. */
export default function TaskPage({ task: name }: { task: string }) {
  const { data: task, error, refetch } = useTask(name);
  usePageTitle(task?.title ?? 'Workshop');
  if (task) return <TaskOverview task={task} />;
  if (error?.status === 404) {
    return (
      <Page title="Task not found">
        <p className="text-prose text-text-2">
          There is no task “{name}”.{' '}
          <Link href="/workshop" className="text-accent underline underline-offset-3">
            See all tasks
          </Link>
        </p>
      </Page>
    );
  }
  return (
    <Page title="Workshop">
      {error ? (
        <WorkshopFailure title="Could not load the task" failure={error} onRetry={() => void refetch()} />
      ) : (
        <p className="text-text-2">Loading…</p>
      )}
    </Page>
  );
}

function TaskOverview({ task }: { task: Task }) {
  const { id, title, summary, minutes, goals, prerequisites, stages, sections, progress, lab } = task;
  const next = progress.next_section ?? sections[0]?.slug;
  const verb =
    progress.next_section === null ? 'Read again' : progress.last_active_at === null ? 'Start reading' : 'Continue reading';
  return (
    <Page
      title={`${Number(id)} ${title}`}
      lead={
        <>
          <p className="text-prose">{summary}</p>
          <p className="tabular text-sm">{formatMinutes(progress, minutes)}</p>
        </>
      }
      actions={
        <>
          <ButtonLink href={labPath(lab)}>Open the lab</ButtonLink>
          {next && (
            <Link href={sectionPath(id, next)} className={buttonClassNames('primary')}>
              {verb} <ArrowRight aria-hidden size={16} />
            </Link>
          )}
        </>
      }
    >
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Panel title="Sections">
          <ol className="py-2">
            {sections.map(({ slug, title }, index) => (
              <li key={slug}>
                <Link href={sectionPath(id, slug)} className="target flex items-center gap-3 px-5 py-1.5 hover:bg-surface">
                  <span aria-hidden="true" className="tabular w-5 text-center text-text-3">
                    {progress.sections_done.includes(slug) ? <Check size={16} className="text-ok" /> : index + 1}
                  </span>
                  {title}
                  {progress.sections_done.includes(slug) && <span className="sr-only"> (done)</span>}
                </Link>
              </li>
            ))}
          </ol>
        </Panel>
        <div className="flex min-w-0 flex-col gap-6">
          <Panel title="Goals">
            <BulletList>{goals}</BulletList>
          </Panel>
          {prerequisites.length > 0 && (
            <Panel title="Prerequisites">
              <BulletList>{prerequisites}</BulletList>
            </Panel>
          )}
          <Panel title="Stages of the exercise">
            <ol className="flex flex-col gap-4 p-5">
              {stages.map((stage, index) => (
                <li key={stage.id}>
                  <p className="flex justify-between gap-4 font-medium">
                    <span>
                      {index + 1}. {stage.title}
                    </span>
                    <span className="tabular shrink-0 text-sm font-normal text-text-3">{stage.minutes} min</span>
                  </p>
                  <p className="text-sm text-text-2">{stage.goal}</p>
                  <p className="text-sm text-text-3">Tested by: {stage.tested_by}</p>
                </li>
              ))}
            </ol>
          </Panel>
        </div>
      </div>
    </Page>
  );
}

function BulletList({ children }: { children: readonly string[] }): ReactNode {
  return (
    <ul className="list-disc py-4 ps-10 pe-5">
      {children.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}
