import { CircleCheck } from 'lucide-react';
import { Button } from '../../../design/button.tsx';
import { formatCount, formatCountOf } from '../../../design/format.ts';
import { Notice } from '../../../design/notice.tsx';
import { Panel } from '../../../design/panel.tsx';
import type { SourceCheck } from './check-source.ts';
import { LineErrors } from './line-errors.tsx';
import type { NewJob } from './use-new-job.ts';

const SHOWN = 5;

/** What the prompts are like, before anything is sent. */
export function CheckPanel({ form }: { form: NewJob }) {
  const { check, refusal } = form;
  return (
    <>
      <p role="status" className="sr-only">
        {wordsFor(form)}
      </p>
      {refusal && refusal.lines.length > 0 && (
        <LineErrors title="The server refuses these lines" errors={refusal.lines} count={refusal.lines.length} />
      )}
      {refusal && refusal.lines.length === 0 && (
        <Notice tone="bad" title="The job was not accepted">
          {refusal.message}
        </Notice>
      )}
      {check.state === 'unknown kind' && (
        <Notice tone="bad" title="This kind of file makes no job">
          Choose a .jsonl, .csv or .txt file.
        </Notice>
      )}
      {check.state === 'checking' && check.lines > 0 && (
        <p className="tabular text-text-2">Checking… {formatCount(check.lines)} lines so far</p>
      )}
      {check.state === 'checked' && <Checked check={check.check} form={form} />}
    </>
  );
}

function Checked({ check, form }: { check: SourceCheck; form: NewJob }) {
  const { problem, errors, errorCount, total, first } = check;
  const mayLeaveOut = form.file === null && errorCount === errors.length && total > 0;
  const leaveOut = () => {
    const bad = new Set(errors.map(({ line }) => line));
    const lines = form.draft.text.split('\n').filter((_, index) => !bad.has(index + 1));
    form.change({ text: lines.join('\n') });
  };
  return (
    <>
      {problem !== null && <Notice tone="bad" title={problem} />}
      {errorCount > 0 && (
        <LineErrors
          title={`${formatCountOf(errorCount, 'line')} cannot be used`}
          errors={errors}
          count={errorCount}
          actions={mayLeaveOut && <Button onClick={leaveOut}>Leave them out</Button>}
        />
      )}
      {total === 0 && errorCount === 0 && problem === null && <Notice tone="info" title="There is no prompt in it." />}
      {total > 0 && (
        <Panel
          title="What will be asked"
          aside={
            <span className="tabular flex items-center gap-1.5 text-sm font-medium text-ok">
              <CircleCheck aria-hidden size={16} /> {formatCountOf(total, 'prompt')} can be used
            </span>
          }
        >
          <ol className="divide-y divide-border">
            {first.slice(0, SHOWN).map(({ line, input }) => (
              <li key={line} className="flex gap-4 px-5 py-2">
                <span className="tabular w-10 shrink-0 text-right text-sm text-text-3">{formatCount(line)}</span>
                <span dir="auto" className="min-w-0 flex-1 truncate">
                  {input.prompt.slice(0, 300)}
                </span>
                {input.custom_id !== undefined && (
                  <span className="max-w-32 shrink-0 truncate font-mono text-xs text-text-3">{input.custom_id}</span>
                )}
              </li>
            ))}
          </ol>
          {total > SHOWN && (
            <p className="tabular border-t border-border px-5 py-2 text-sm text-text-3">and {formatCount(total - SHOWN)} more</p>
          )}
        </Panel>
      )}
    </>
  );
}

/** For a screen reader, once it is known. */
function wordsFor({ check, refusal }: NewJob): string {
  if (refusal) return refusal.message;
  if (check.state !== 'checked') return '';
  const { problem, errorCount, total } = check.check;
  if (problem) return problem;
  const bad = errorCount > 0 ? `, ${formatCountOf(errorCount, 'line')} cannot` : '';
  return `${formatCountOf(total, 'prompt')} can be used${bad}.`;
}
