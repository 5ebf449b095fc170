import { ArrowLeft } from 'lucide-react';
import { type FormEvent, useRef } from 'react';
import { Link } from 'wouter';
import { usePageTitle } from '../../../design/browser-hooks.ts';
import { Button } from '../../../design/button.tsx';
import { formatCountOf } from '../../../design/format.ts';
import { Notice } from '../../../design/notice.tsx';
import { Page } from '../../../design/page.tsx';
import { EstimateLine } from './estimate-line.tsx';
import { OptionsForm } from './options-form.tsx';
import { PromptsPanel } from './prompts-panel.tsx';
import { type NewJob, useJobClone, useNewJob } from './use-new-job.ts';
import { LINE_ERRORS_LABEL, ValidationPanel } from './validation-panel.tsx';

/** The form for a new job. It validates the prompts line by line before the submission. */
export default function NewJobPage() {
  usePageTitle('New job');
  const form = useNewJob();
  const clone = useJobClone(form);
  const element = useRef<HTMLFormElement>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await form.submit()) return;
    const selectors = ['[aria-invalid="true"]', `[aria-label="${LINE_ERRORS_LABEL}"]`, 'textarea'];
    const invalid = selectors.map((selector) => element.current?.querySelector<HTMLElement>(selector)).find((each) => each);
    invalid?.focus();
  };
  return (
    <Page
      title="New job"
      above={
        <Link href="/jobs" className="mb-1 inline-flex items-center gap-1.5 rounded-sm text-sm text-text-2 hover:text-text">
          <ArrowLeft aria-hidden size={14} /> Jobs
        </Link>
      }
      lead="All prompts share the same options. Each prompt gets its own response."
    >
      {clone.progress && (
        <p role="status" className="tabular text-text-2">
          {clone.progress}
        </p>
      )}
      {clone.failure && (
        <Notice severity="bad" title="Could not clone the job">
          {clone.failure}
        </Notice>
      )}
      <form
        ref={element}
        noValidate
        aria-label="New job"
        onSubmit={(event) => void submit(event)}
        className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]"
      >
        <div className="flex min-w-0 flex-col gap-6">
          <PromptsPanel form={form} />
          {!form.isDraftSaved && !form.file && (
            <Notice severity="info" title="The text is too long to save as a draft. Reloading the page discards it." />
          )}
          <ValidationPanel form={form} />
        </div>
        <div className="flex flex-col gap-4">
          <OptionsForm form={form} />
          <EstimateLine form={form} />
          <Button
            type="submit"
            variant={isReady(form) ? 'primary' : 'secondary'}
            className="min-h-11 text-base"
            aria-disabled={form.isBusy}
          >
            {submitLabel(form)}
          </Button>
          <SubmitHint form={form} />
        </div>
      </form>
    </Page>
  );
}

function submitLabel({ validation, isBusy }: NewJob): string {
  if (isBusy) return 'Submitting…';
  return validation.state === 'validated' && isReady({ validation })
    ? `Submit ${formatCountOf(validation.result.total, 'prompt')}`
    : 'Submit';
}

/** Whether there are prompts, all of them valid. */
function isReady({ validation }: Pick<NewJob, 'validation'>): boolean {
  return validation.state === 'validated' && validation.result.total > 0 && validation.result.errorCount === 0;
}

function SubmitHint({ form }: { form: NewJob }) {
  const problem = submitProblem(form);
  if (problem !== null) {
    return (
      <p role="alert" className="text-sm font-medium text-bad">
        {problem}
      </p>
    );
  }
  return <p className="text-sm text-text-3">Submitting twice creates only one job. Prompts without a response can be retried.</p>;
}

function submitProblem({ validation, hasTriedSubmit, fieldErrors }: NewJob): string | null {
  if (validation.state === 'validated' && validation.result.errorCount > 0) return 'Correct or remove the invalid lines.';
  if (hasTriedSubmit && Object.keys(fieldErrors).length > 0) return 'Correct the marked options.';
  return null;
}
