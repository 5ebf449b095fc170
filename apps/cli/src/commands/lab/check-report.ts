import type { CheckResult, CheckRun, Task } from '@prodigon/contracts/workshop';
import { countOf } from '../../format-numbers.ts';
import type { TextOptions } from '../../text-glyphs.ts';
import { indentText } from '../../text-glyphs.ts';
import { drawSequenceDiagram } from './sequence-diagram.ts';

/** Returns the results by stage, and the sequence diagram of the first failing check. */
export function formatCheckReport(run: CheckRun, task: Pick<Task, 'stages'>, options: TextOptions): string {
  const { results, problem } = run;
  const failed = results.filter(({ status }) => status === 'failed');
  const passed = results.filter(({ status }) => status === 'passed').length;
  const [first, ...others] = failed;
  if (problem !== null && passed + failed.length === 0)
    return `${indentText(problem, options.columns)}\n\nNo check could run (seed ${run.seed}).`;
  const sections = [
    ...task.stages.map(({ title, id }) =>
      formatStage(
        title,
        results.filter(({ stage }) => stage === id),
        options,
      ),
    ),
    problem === null ? '' : indentText(problem, options.columns),
    first ? formatFailure(first, options) : '',
    others.length === 0
      ? ''
      : `  ${countOf(others.length, 'other check')} failed. Run one with --only <check> to see its sequence diagram.`,
    `${passed} of ${countOf(run.checks_total, 'check')} passed (seed ${run.seed}).`,
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function formatStage(title: string, results: readonly CheckResult[], { columns, glyphs }: TextOptions): string {
  if (results.length === 0) return '';
  const marks = { passed: glyphs.check, failed: glyphs.cross, skipped: '-' };
  const lines = results.map(({ status, check, title: checkTitle }) =>
    indentText(`${checkTitle} (${check})`, columns, `  ${marks[status]} `),
  );
  return [title, ...lines].join('\n');
}

function formatFailure(result: CheckResult, options: TextOptions): string {
  const { columns, glyphs } = options;
  const rows: [string, string | null][] = [
    ['Expected', result.expected],
    ['Observed', result.saw],
    ['Input', result.input],
    ['Where', result.where],
    ['Replay', result.replay],
    ['Hint', result.hint],
  ];
  return [
    indentText(`${result.title} (check ${result.check}, seed ${result.seed})`, columns, `${glyphs.cross} `),
    ...(result.diagram ? ['', ...drawSequenceDiagram(result.diagram, options), ''] : []),
    ...rows.flatMap(([name, text]) => (text === null ? [] : [indentText(text, columns, `  ${name.padEnd(10)}`)])),
  ].join('\n');
}
