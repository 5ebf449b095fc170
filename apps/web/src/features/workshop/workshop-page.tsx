import type { TaskSummary, Workshop } from '@prodigon/contracts/workshop';
import { ArrowRight, Check } from 'lucide-react';
import { Link } from 'wouter';
import { usePageTitle } from '../../design/browser-hooks.ts';
import { ButtonLink, buttonClassNames } from '../../design/button.tsx';
import { Page, Panel } from '../../design/page.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { completionOf, describeResults, formatMinutes, progressShare } from './task-progress.ts';
import { LessonsInReader, WorkshopFailure } from './workshop-failure.tsx';
import { labPath, sectionPath, taskPath } from './workshop-paths.ts';
import { useWorkshop } from './workshop-queries.ts';

const LEAD =
  'Each task starts with a common claim. Predict whether it holds, measure it on your own platform, and repair code in an exercise.';

/** The parts and tasks of the workshop with the learner's progress. */
export default function WorkshopPage() {
  const { data: workshop, error, refetch } = useWorkshop();
  usePageTitle('Workshop');
  return (
    <Page title="Workshop" lead={LEAD}>
      {error && (
        <>
          <WorkshopFailure title="Could not load the workshop" failure={error} onRetry={() => void refetch()} />
          {!workshop && <LessonsInReader />}
        </>
      )}
      {!workshop && !error && <p className="text-text-2">Loading…</p>}
      {workshop && <Overview workshop={workshop} />}
    </Page>
  );
}

function Overview({ workshop: { parts, next } }: { workshop: Workshop }) {
  const tasks = parts.flatMap((part) => part.tasks);
  const first = tasks[0];
  if (!first) return <p className="text-prose text-text-2">This platform has no workshop tasks.</p>;
  const resumed = next && tasks.find(({ id }) => id === next.task);
  const section = resumed?.sections.find(({ slug }) => slug === next?.section);
  return (
    <>
      {resumed && next ? (
        <Continue
          title="Continue with"
          task={resumed}
          detail={section?.title ?? resumed.title}
          href={sectionPath(resumed.id, next.section)}
        />
      ) : (
        <WithoutNextSection tasks={tasks} first={first} />
      )}
      {parts.map((part) => (
        <Panel key={part.id} title={part.title} aside={<PartProgress tasks={part.tasks} />}>
          <ul>
            {part.tasks.map((task) => (
              <TaskRow key={task.id} task={task} />
            ))}
          </ul>
        </Panel>
      ))}
    </>
  );
}

/** Before the first activity, or after the last section. */
function WithoutNextSection({ tasks, first }: { tasks: readonly TaskSummary[]; first: TaskSummary }) {
  if (tasks.every(({ progress }) => progress.last_active_at === null))
    return <Continue title="Start here" task={first} detail={first.summary} href={taskPath(first.id)} />;
  const open = tasks.find(({ progress }) => completionOf(progress) === null);
  if (!open) return <p className="text-prose text-text-2">You have completed all tasks.</p>;
  return (
    <Continue
      title="Continue with"
      task={open}
      detail="Repeat the experiment: it has no valid verdict"
      href={labPath(open.lab)}
    />
  );
}

interface ContinueProps {
  title: string;
  task: TaskSummary;
  detail: string;
  href: string;
}

function Continue({ title, task, detail, href }: ContinueProps) {
  return (
    <section
      aria-label={title}
      className="flex flex-wrap items-center gap-4 rounded-md border border-border bg-accent-soft px-5 py-4"
    >
      <div className="min-w-48 flex-1">
        <p className="text-sm text-text-2">{title}</p>
        <p className="text-lg font-semibold">{detail}</p>
        <p className="text-sm text-text-2">
          {Number(task.id)} {task.title} · {formatMinutes(task.progress, task.minutes)}
        </p>
      </div>
      <Link href={href} className={buttonClassNames('primary')}>
        {task.progress.last_active_at === null ? 'Start' : 'Continue'} <ArrowRight aria-hidden size={16} />
      </Link>
    </section>
  );
}

function PartProgress({ tasks }: { tasks: readonly TaskSummary[] }) {
  const done = tasks.filter(({ progress }) => completionOf(progress) !== null).length;
  return (
    <span className="tabular text-sm text-text-2">
      {done} of {tasks.length} completed
    </span>
  );
}

function TaskRow({ task: { id, title, summary, minutes, lab, sections, progress } }: { task: TaskSummary }) {
  const completion = completionOf(progress);
  return (
    <li
      data-task={id}
      className="grid gap-x-6 gap-y-3 border-border px-5 py-4 not-last:border-b sm:grid-cols-[minmax(0,1fr)_14rem]"
    >
      <div className="min-w-0">
        <p className="font-semibold">
          <Link href={taskPath(id)} className="rounded-sm hover:text-accent hover:underline">
            {Number(id)} {title}
          </Link>
          {completion !== null && (
            <span className="ms-2 inline-flex items-center gap-1 text-sm font-medium text-ok">
              <Check aria-hidden size={14} /> {completion}
            </span>
          )}
        </p>
        <p className="text-text-2">{summary}</p>
      </div>
      <div className="tabular flex flex-col gap-2 text-sm text-text-2">
        <ProgressBar label={`Progress of ${title}`} share={progressShare(progress, sections.length)} />
        <p>{formatMinutes(progress, minutes)}</p>
        <p>{describeResults(progress)}</p>
        <p>
          <ButtonLink href={labPath(lab)}>Open the lab</ButtonLink>
        </p>
      </div>
    </li>
  );
}
