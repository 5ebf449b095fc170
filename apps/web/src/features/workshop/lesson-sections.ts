import { createHeadingSlugger, plainText } from '@prodigon/contracts/markdown';
import type { LessonSection } from '@prodigon/contracts/workshop';
import type { Tokens } from 'marked';
import type { Block } from '../../markdown/block-splitter.ts';

export interface SectionBlocks extends LessonSection {
  blocks: readonly Block[];
}

export interface Lesson {
  /** The text between the title and the first section. */
  introduction: readonly Block[];
  sections: readonly SectionBlocks[];
}

/** Splits a lesson at its second-level headings. Known sections give a heading its slug, so that visits match. */
export function splitLesson(blocks: readonly Block[], known: readonly LessonSection[] = []): Lesson {
  const slugOf = createHeadingSlugger();
  const introduction: Block[] = [];
  const sections: (LessonSection & { blocks: Block[] })[] = [];
  for (const block of blocks) {
    const heading = block.token.type === 'heading' ? (block.token as Tokens.Heading) : undefined;
    if (heading?.depth === 1 && sections.length === 0) continue;
    if (heading?.depth === 2) {
      const title = plainText(heading.tokens);
      const slug = slugOf(title);
      sections.push({ slug: known.find((section) => section.title === title)?.slug ?? slug, title, blocks: [block] });
    } else (sections.at(-1)?.blocks ?? introduction).push(heading ? raiseHeading(block, heading) : block);
  }
  return { introduction, sections };
}

/** The title of a section is the first-level heading of its page, so the headings below it move up too. */
function raiseHeading(block: Block, heading: Tokens.Heading): Block {
  return { ...block, token: { ...heading, depth: heading.depth - 1 } };
}

/** Links between the sections of a lesson in reading order. */
export function neighborsOf<Section extends LessonSection>(sections: readonly Section[], slug: string) {
  const index = sections.findIndex((section) => section.slug === slug);
  return { section: sections[index], previous: sections[index - 1], next: index < 0 ? undefined : sections[index + 1] };
}

const QUOTED_CHARACTERS_MAX = 2_000;

/** The draft of a question with the text of a section as context. */
export function questionAbout(section: SectionBlocks, lessonTitle: string): string {
  const source = section.blocks
    .slice(1)
    .map(({ token }) => token.raw)
    .join('')
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .trim();
  const isCut = source.length > QUOTED_CHARACTERS_MAX;
  const quoted = `${source.slice(0, QUOTED_CHARACTERS_MAX)}${isCut ? '…' : ''}`;
  const quote = quoted.replace(/^/gm, '> ');
  return `About “${section.title}” in the lesson “${lessonTitle}”:\n\n${quote}\n\n`;
}
