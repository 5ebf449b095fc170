import type { Task } from '@prodigon/contracts/workshop';
import { MessageSquare } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useMemo, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { usePageTitle } from '../../design/browser-hooks.ts';
import { Button } from '../../design/button.tsx';
import { NeighborLinks } from '../../design/neighbor-links.tsx';
import { Notice } from '../../design/notice.tsx';
import { ScrollArea } from '../../design/page.tsx';
import { splitBlocks } from '../../markdown/block-splitter.ts';
import { MarkdownRulesContext } from '../../markdown/link-policy.ts';
import { BlockElement } from '../../markdown/markdown.tsx';
import { startDraft } from '../chat/state/drafts.ts';
import { useContentDocument } from '../reader/content-queries.ts';
import { useHashTarget } from '../reader/use-hash-target.ts';
import { createLessonRules } from './lesson-rules.tsx';
import { type Lesson, neighborsOf, questionAbout, type SectionBlocks, splitLesson } from './lesson-sections.ts';
import { useReadToEnd } from './use-read-to-end.ts';
import { WorkshopFailure } from './workshop-failure.tsx';
import { sectionPath, taskPath } from './workshop-paths.ts';
import { useTask, visitSection } from './workshop-queries.ts';

interface LessonPageProps {
  task: string;
  section: string;
}

/** One section of a lesson. */
export default function LessonPage({ task: name, section }: LessonPageProps) {
  const { data: task, error, refetch } = useTask(name);
  if (task) return <LessonOfTask task={task} section={section} />;
  return (
    <Message>
      {error ? (
        <WorkshopFailure title="Could not load the task" failure={error} onRetry={() => void refetch()} />
      ) : (
        <p>Loading…</p>
      )}
    </Message>
  );
}

function LessonOfTask({ task, section: slug }: { task: Task; section: string }) {
  const { document: loaded, retry } = useContentDocument(task.lesson);
  const content = loaded.state === 'ready' ? loaded.value : '';
  const lesson = useMemo(() => splitLesson(splitBlocks(content), task.sections), [content, task.sections]);
  const { section } = neighborsOf(lesson.sections, slug);
  usePageTitle(`${section?.title ?? 'Lesson'} · ${task.title}`);
  const visited = section?.slug;
  useEffect(() => {
    if (visited !== undefined) void visitSection(task.id, { section: visited });
  }, [task.id, visited]);
  if (loaded.state === 'loading') return <Message>Loading…</Message>;
  if (loaded.state !== 'ready') {
    return (
      <Message>
        <Notice severity="bad" title="Could not load the lesson" actions={<Button onClick={retry}>Retry</Button>}>
          {loaded.state === 'failed' ? loaded.message : `There is no document at ${task.lesson}.`}
        </Notice>
      </Message>
    );
  }
  if (!section) {
    return (
      <Message>
        <h1 className="pb-4 text-2xl font-semibold tracking-tight">Section not found</h1>
        <p>
          This lesson has no section “{slug}”.{' '}
          <Link href={taskPath(task.id)} className="text-accent underline underline-offset-3">
            See its sections
          </Link>
        </p>
      </Message>
    );
  }
  return (
    <ScrollArea key={section.slug}>
      <SectionArticle task={task} lesson={lesson} section={section} />
    </ScrollArea>
  );
}

interface SectionArticleProps {
  task: Task;
  lesson: Lesson;
  section: SectionBlocks;
}

function SectionArticle({ task, lesson, section }: SectionArticleProps) {
  const article = useRef<HTMLElement>(null);
  const [, navigate] = useLocation();
  const rules = useMemo(() => createLessonRules({ task, lesson, section: section.slug }), [task, lesson, section.slug]);
  const { previous, next } = neighborsOf(lesson.sections, section.slug);
  const toLink = (neighbor: SectionBlocks | undefined) =>
    neighbor && { href: sectionPath(task.id, neighbor.slug), title: neighbor.title };
  const number = lesson.sections.indexOf(section) + 1;
  const report = () => void visitSection(task.id, { section: section.slug, is_read: true });
  const end = useReadToEnd(report);
  useHashTarget(article);
  useFocusAfterNavigation(article);
  const ask = () => {
    startDraft(questionAbout(section, task.title));
    navigate('/chat');
  };
  return (
    <div className="mx-auto w-full max-w-[49rem] px-4 py-8 sm:px-8 sm:py-10">
      <div className="mb-4 flex flex-wrap items-center justify-between gap-2 text-sm text-text-2">
        <p className="tabular">
          <Link href={taskPath(task.id)} className="rounded-sm hover:text-text hover:underline">
            {Number(task.id)} {task.title}
          </Link>{' '}
          · {number} of {lesson.sections.length}
        </p>
        <Button variant="quiet" onClick={ask}>
          <MessageSquare aria-hidden size={16} /> Ask about this
        </Button>
      </div>
      <article ref={article} className="prose">
        <MarkdownRulesContext value={rules}>
          <h1 tabIndex={-1}>{section.title}</h1>
          {number === 1 && lesson.introduction.map(({ key, token }) => <BlockElement key={key} token={token} isFinished />)}
          {section.blocks.slice(1).map(({ key, token }) => (
            <BlockElement key={key} token={token} isFinished />
          ))}
        </MarkdownRulesContext>
      </article>
      <div ref={end} />
      <NeighborLinks
        previous={toLink(previous)}
        next={toLink(next) ?? { href: taskPath(task.id), title: 'Overview of the task' }}
        onNext={report}
      />
    </div>
  );
}

/** Moves the focus to the new section, because the link that had the focus no longer exists. */
function useFocusAfterNavigation(article: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const isFirstPage = history.state === null;
    if (isFirstPage || location.hash || document.activeElement !== document.body) return;
    article.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [article]);
}

function Message({ children }: { children: ReactNode }) {
  return <div className="mx-auto w-full max-w-[49rem] px-4 py-10 text-text-2 sm:px-8">{children}</div>;
}
