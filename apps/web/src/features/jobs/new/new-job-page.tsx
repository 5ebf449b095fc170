import { ArrowLeft } from 'lucide-react';
import { type FormEvent, useRef } from 'react';
import { Link } from 'wouter';
import { Button } from '../../../design/button.tsx';
import { formatCountOf } from '../../../design/format.ts';
import { Notice } from '../../../design/notice.tsx';
import { Page } from '../../../design/page.tsx';
import { useTitle } from '../../../design/use-title.ts';
import { CheckPanel } from './check-panel.tsx';
import { OptionsForm } from './options-form.tsx';
import { PromptsPanel } from './prompts-panel.tsx';
import { useClone } from './use-clone.ts';
import { type NewJob, useNewJob } from './use-new-job.ts';

/** Prompts in, checked line by line before anything is sent. */
export default function NewJobPage() {
  useTitle('New job');
  const form = useNewJob();
  const clone = useClone(form);
  const element = useRef<HTMLFormElement>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await form.submit()) return;
    // To what has to be mended.
    const places = ['[aria-invalid="true"]', '[aria-label="Bad lines"]', 'textarea'];
    const place = places.map((selector) => element.current?.querySelector<HTMLElement>(selector)).find((each) => each);
    place?.focus();
  };
  return (
    <Page
      title="New job"
      above={
        <Link href="/jobs" className="mb-1 inline-flex items-center gap-1.5 rounded-sm text-sm text-text-2 hover:text-text">
          <ArrowLeft aria-hidden size={14} /> Jobs
        </Link>
      }
      lead="The same options for all prompts; each gets an answer of its own."
    >
      {clone.words && (
        <p role="status" className="tabular text-text-2">
          {clone.words}
        </p>
      )}
      {clone.failure && (
        <Notice tone="bad" title="The job could not be cloned">
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
          {!form.isKept && !form.file && <Notice tone="info" title="This is too long to be kept over a reload." />}
          <CheckPanel form={form} />
        </div>
        <div className="flex flex-col gap-4">
          <OptionsForm form={form} />
          <Button type="submit" look="primary" className="min-h-11 text-base" aria-disabled={form.isBusy}>
            {submitWords(form)}
          </Button>
          <p className="text-sm text-text-3">{hintFor(form)}</p>
        </div>
      </form>
    </Page>
  );
}

function submitWords({ check, isBusy }: NewJob): string {
  if (isBusy) return 'Submitting…';
  return check.state === 'checked' && check.check.total > 0 && check.check.errorCount === 0
    ? `Submit ${formatCountOf(check.check.total, 'prompt')}`
    : 'Submit';
}

function hintFor({ check, wasTried, fieldErrors }: NewJob): string {
  if (wasTried && check.state === 'empty') return 'Write or paste prompts first, or choose a file.';
  if (check.state === 'checked' && check.check.errorCount > 0) return 'Mend or leave out the lines that cannot be used first.';
  if (wasTried && Object.keys(fieldErrors).length > 0) return 'An option does not fit.';
  return 'Sent twice by accident, it is still one job. What has no answer at its end can be retried.';
}
