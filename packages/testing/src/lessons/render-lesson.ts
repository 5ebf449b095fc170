import type { ReadFile } from './lesson-files.ts';
import { readRegion } from './read-region.ts';
import { renderClaims } from './render-claims.ts';

export interface RenderedLesson {
  /** The lesson with its included code and its recorded figures, as it should be. */
  readonly text: string;
  /** What no rendering can repair, with line numbers. */
  readonly problems: readonly string[];
}

const INCLUDE = /^<!-- include: ([^\s#]+)(?:#([\w-]+))? -->$/;
const FENCE = /^(`{3,}|~{3,})(.*)$/;

/** The tags of code blocks. `sh run` is safe to run repeatedly; `sh setup` installs or changes something. */
const TAGS = new Set(
  `sh run,sh setup,text,mermaid,quiz,ts,js,json,jsonl,yaml,proto,http,html,css,sql,diff,md,python,go`.split(','),
);

/**
 * Renders a lesson. A block of code after `<!-- include: file#region -->` is the region of the file, and a figure before
 * `<!-- claim: file.json#path -->` is the recorded one with as many decimals as written.
 */
export function renderLesson(markdown: string, read: ReadFile): RenderedLesson {
  const lines = markdown.split('\n');
  const rendered: string[] = [];
  const problems: string[] = [];
  let include: { readonly code: string | undefined } | undefined;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const report = (problem: string) => problems.push(`line ${index + 1}: ${problem}`);
    const [, mark = '', tag = ''] = FENCE.exec(line) ?? [];
    if (include && mark === '') {
      report('the include has no code block after it');
      include = undefined;
    }
    if (mark !== '') {
      const end = lines.findIndex((each, at) => at > index && each.trim() === mark);
      if (end < 0) {
        report('the code block has no end');
        rendered.push(...lines.slice(index));
        break;
      }
      if (!TAGS.has(tag)) report(`the code block is tagged "${tag}"; use one of: ${[...TAGS].join(', ')}`);
      rendered.push(line, ...(include?.code?.split('\n') ?? lines.slice(index + 1, end)), mark);
      include = undefined;
      index = end;
      continue;
    }
    const [isInclude, file = '', region] = INCLUDE.exec(line) ?? [];
    if (isInclude) {
      const { code, problem } = readRegion(file, region, read);
      if (problem !== undefined) report(problem);
      include = { code };
    } else if (line.includes('<!-- include')) report('an include stands alone on its line, as <!-- include: file#region -->');
    rendered.push(renderClaims(line, read, report));
  }
  return { text: rendered.join('\n'), problems };
}
