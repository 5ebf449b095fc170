import { cutText, type ErrorDetail } from '@prodigon/contracts';
import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../../design/button.tsx';
import { formatCount, formatCountOf } from '../../../design/format.ts';
import { Notice } from '../../../design/notice.tsx';
import { Panel } from '../../../design/page.tsx';
import type { SourceValidation } from './prompt-source.ts';
import type { NewJob } from './use-new-job.ts';

const PREVIEW_PROMPTS = 5;

/** The result of the validation before the submission, and the server's errors after it. */
export function ValidationPanel({ form }: { form: NewJob }) {
  const { validation, submitError } = form;
  return (
    <>
      <p role="status" className="sr-only">
        {announcement(form)}
      </p>
      {submitError && submitError.lines.length > 0 && (
        <LineErrors title="Lines rejected by the server" errors={submitError.lines} count={submitError.lines.length} />
      )}
      {submitError && submitError.lines.length === 0 && (
        <Notice severity="bad" title="Could not submit the job">
          {submitError.message}
        </Notice>
      )}
      {validation.state === 'unsupported' && (
        <Notice severity="bad" title="Unsupported file type">
          Choose a .jsonl, .csv or .txt file.
        </Notice>
      )}
      {validation.state === 'validating' && validation.lines > 0 && (
        <p className="tabular text-text-2">Validating… {formatCountOf(validation.lines, 'line')} so far</p>
      )}
      {validation.state === 'validated' && <ValidationResult result={validation.result} form={form} />}
    </>
  );
}

function ValidationResult({ result, form }: { result: SourceValidation; form: NewJob }) {
  const { problem, errors, errorCount, total, first } = result;
  const isRestKnown = form.file !== null || errorCount === errors.length;
  const canRemoveLines = problem === null && isRestKnown && total > 0;
  return (
    <>
      {problem !== null && <Notice severity="bad" title={problem} />}
      {errorCount > 0 && (
        <LineErrors
          title={formatCountOf(errorCount, 'invalid line')}
          errors={errors}
          count={errorCount}
          actions={canRemoveLines && <Button onClick={() => form.removeInvalidLines(errors)}>Remove invalid lines</Button>}
        />
      )}
      {total === 0 && errorCount === 0 && problem === null && <Notice severity="info" title="No prompts found" />}
      {total > 0 && (
        <Panel
          title="Preview"
          aside={
            <span className="tabular flex items-center gap-1.5 text-sm font-medium text-ok">
              <CircleCheck aria-hidden size={16} /> {formatCountOf(total, 'valid prompt')}
            </span>
          }
        >
          <ol className="divide-y divide-border">
            {first.slice(0, PREVIEW_PROMPTS).map(({ line, input }) => (
              <li key={line} className="flex gap-4 px-5 py-2">
                <span className="tabular w-10 shrink-0 text-right text-sm text-text-3">{formatCount(line)}</span>
                <span dir="auto" className="min-w-0 flex-1 truncate">
                  {cutText(input.prompt, 300)}
                </span>
                {input.custom_id !== undefined && (
                  <span className="max-w-32 shrink-0 truncate font-mono text-xs text-text-3">{input.custom_id}</span>
                )}
              </li>
            ))}
          </ol>
          {total > PREVIEW_PROMPTS && (
            <p className="tabular border-t border-border px-5 py-2 text-sm text-text-3">
              and {formatCount(total - PREVIEW_PROMPTS)} more
            </p>
          )}
        </Panel>
      )}
    </>
  );
}

function announcement({ validation, submitError }: NewJob): string {
  if (submitError) return submitError.message;
  if (validation.state !== 'validated') return '';
  const { problem, errorCount, total } = validation.result;
  if (problem) return problem;
  const invalid = errorCount > 0 ? `, ${formatCountOf(errorCount, 'invalid line')}` : '';
  return `${formatCountOf(total, 'valid prompt')}${invalid}.`;
}

interface LineErrorsProps {
  title: string;
  /** The first of `count` errors. */
  errors: readonly ErrorDetail[];
  count: number;
  actions?: ReactNode;
}

/** The accessible name of the list of invalid lines, which takes the focus after a rejected submission. */
export const LINE_ERRORS_LABEL = 'Line errors';

function LineErrors({ title, errors, count, actions }: LineErrorsProps) {
  return (
    <section aria-label={title} className="rounded-md border border-bad">
      <div className="flex flex-wrap items-center justify-between gap-3 px-5 py-3">
        <h2 className="flex items-center gap-2 font-semibold text-bad">
          <CircleAlert aria-hidden size={18} className="shrink-0" /> {title}
        </h2>
        {actions}
      </div>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
        tabIndex={0}
        aria-label={LINE_ERRORS_LABEL}
        className="max-h-80 overflow-y-auto border-t border-border focus-visible:-outline-offset-2"
      >
        <table className="w-full text-sm">
          <thead className="text-left text-text-2">
            <tr>
              <th scope="col" className="w-20 py-2 pr-4 pl-5 font-medium">
                Line
              </th>
              <th scope="col" className="py-2 pr-5 font-medium">
                Problem
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-border border-t border-border">
            {errors.map(({ line, path, message }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the list is replaced as a whole.
              <tr key={index}>
                <td className="tabular py-1.5 pr-4 pl-5 align-top text-text-2">{line === undefined ? '–' : formatCount(line)}</td>
                <td className="py-1.5 pr-5 wrap-anywhere">
                  {path && (
                    <>
                      <code className="font-mono text-xs text-text-2">{path}</code>:{' '}
                    </>
                  )}
                  {message}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {count > errors.length && (
        <p className="tabular border-t border-border px-5 py-2 text-sm text-text-2">
          and {formatCount(count - errors.length)} more
        </p>
      )}
    </section>
  );
}
