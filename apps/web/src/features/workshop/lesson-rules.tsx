import type { Task } from '@prodigon/contracts/workshop';
import { FlaskConical } from 'lucide-react';
import type { Tokens } from 'marked';
import { ButtonLink } from '../../design/button.tsx';
import { CodeBlock } from '../../markdown/code-block.tsx';
import { lessonFence } from '../../markdown/lesson-fence.tsx';
import type { MarkdownRules } from '../../markdown/link-policy.ts';
import { resolveDocumentImage, resolveDocumentLink } from '../reader/document-links.ts';
import { createOutline } from '../reader/outline.ts';
import { labActionsOf } from './lab-commands.ts';
import type { Lesson } from './lesson-sections.ts';
import { labPath, sectionPath } from './workshop-paths.ts';

interface LessonRulesOptions {
  task: Pick<Task, 'id' | 'slug' | 'lesson' | 'lab'>;
  lesson: Lesson;
  /** The slug of the section that the page shows. */
  section: string;
}

/** Returns how a section resolves links to other sections, and how it shows tagged code blocks. */
export function createLessonRules({ task, lesson, section }: LessonRulesOptions): MarkdownRules {
  const outline = createOutline([...lesson.introduction, ...lesson.sections.flatMap(({ blocks }) => blocks)]);
  const sectionOf = (anchor: string) =>
    lesson.sections.find(({ slug, blocks }) => slug === anchor || createIds(blocks).has(anchor))?.slug;
  const createIds = (blocks: Lesson['introduction']) =>
    new Set(blocks.flatMap(({ token }) => (token.type === 'heading' ? [outline.idOf(token as Tokens.Heading)] : [])));
  return {
    link(href) {
      if (!href.startsWith('#')) return resolveDocumentLink(href, task.lesson, location.origin);
      const anchor = href.slice(1);
      const target = sectionOf(anchor);
      if (target === undefined || target === section) return { kind: 'anchor', href };
      const path = sectionPath(task.id, target);
      return { kind: 'internal', href: target === anchor ? path : `${path}${href}` };
    },
    image: (href) => resolveDocumentImage(href, task.lesson),
    headingId: outline.idOf,
    fence: (fence) => lessonFence(fence) ?? commandFence(fence, task),
  };
}

/** A code block tagged `sh run`, with links to the actions of the lab that its commands have. */
function commandFence({ lang, text }: Tokens.Code, task: LessonRulesOptions['task']) {
  if (!/^sh\s+run\b/.test(lang ?? '')) return undefined;
  const actions = labActionsOf(text, task);
  return (
    <div className="command-block">
      <CodeBlock code={text} language="sh" isFinished />
      {actions.length > 0 && (
        <p className="command-actions">
          {actions.map(({ label, hash }) => (
            <ButtonLink key={hash} href={`${labPath(task.lab)}#${hash}`}>
              <FlaskConical aria-hidden size={14} /> {label}
            </ButtonLink>
          ))}
        </p>
      )}
    </div>
  );
}
