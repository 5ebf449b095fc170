import { Layers, Play, Plus } from 'lucide-react';
import { Button } from '../../../design/button.tsx';
import { ButtonLink } from '../../../design/button-link.tsx';
import { SAMPLE_JOB } from './samples.ts';
import { useSample } from './use-sample.ts';

/** Nothing yet: says what a job is, and lets one be seen at work at once. */
export function NoJobs() {
  const { run, isBusy, failure } = useSample();
  return (
    <div className="flex flex-col items-center rounded-lg border border-dashed border-control px-6 py-14 text-center">
      <span className="flex size-14 items-center justify-center rounded-lg bg-accent-soft text-accent">
        <Layers aria-hidden size={28} />
      </span>
      <h2 className="mt-5 text-xl font-semibold tracking-tight">Many prompts, one job</h2>
      <p className="mt-2 max-w-lg text-prose text-balance text-text-2">
        Hand in a list of prompts and come back for the answers. Each is answered once, whatever is killed in between.
      </p>
      <div className="mt-6 flex flex-wrap justify-center gap-3">
        <Button look="primary" disabled={isBusy} onClick={run}>
          <Play aria-hidden size={16} /> Run a sample batch
        </Button>
        <ButtonLink href="/jobs/new">
          <Plus aria-hidden size={16} /> New job
        </ButtonLink>
      </div>
      <p role="status" className={failure ? 'mt-3 text-sm text-bad' : 'mt-3 text-sm text-text-3'}>
        {failure ??
          `The sample is ${SAMPLE_JOB.prompts.length} questions for the simulated model: offline, free, done in seconds.`}
      </p>
    </div>
  );
}
