import { AppError, type CreateJobRequestInput } from '@prodigon/contracts';
import { Layers, Play, Plus } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../../api/api.ts';
import { Button, ButtonLink } from '../../../design/button.tsx';
import { createIdempotencyKey } from '../idempotency-key.ts';

/** Explains what a job is and offers to run a sample. */
export function EmptyJobList() {
  const { run, isBusy, failure } = useSampleJob();
  return (
    <div className="flex flex-col items-center rounded-lg border border-dashed border-control px-6 py-14 text-center">
      <span className="flex size-14 items-center justify-center rounded-lg bg-accent-soft text-accent">
        <Layers aria-hidden size={28} />
      </span>
      <h2 className="mt-5 text-xl font-semibold tracking-tight">No jobs yet</h2>
      <p className="mt-2 max-w-lg text-prose text-balance text-text-2">
        A job runs a list of prompts in the background. Each prompt gets exactly one result, even if a worker is killed.
      </p>
      <div className="mt-6 flex flex-wrap justify-center gap-3">
        <Button variant="primary" disabled={isBusy} onClick={run}>
          <Play aria-hidden size={16} /> Run a sample job
        </Button>
        <ButtonLink href="/jobs/new">
          <Plus aria-hidden size={16} /> New job
        </ButtonLink>
      </div>
      <p role="status" className={failure ? 'mt-3 text-sm text-bad' : 'mt-3 text-sm text-text-3'}>
        {failure ??
          `The sample sends ${SAMPLE_JOB.prompts.length} questions to the simulated model. It is free, runs offline and takes a few seconds.`}
      </p>
    </div>
  );
}

/** Submits the sample job and opens it. A retry after a failure uses the same idempotency key. */
function useSampleJob() {
  const [, navigate] = useLocation();
  const [key] = useState(createIdempotencyKey);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const run = async () => {
    if (isBusy) return;
    setBusy(true);
    setFailure(null);
    try {
      const { job_id } = await api.jobs.submit(SAMPLE_JOB, { idempotencyKey: key });
      navigate(`/jobs/${job_id}`);
    } catch (thrown) {
      setFailure(AppError.from(thrown).message);
      setBusy(false);
    }
  };
  return { run: () => void run(), isBusy, failure };
}

const SUBJECTS = [
  'a message queue',
  'a lease',
  'idempotency',
  'backpressure',
  'a circuit breaker',
  'a fencing token',
  'a heartbeat',
  'a dead letter queue',
  'load shedding',
  'a write-ahead log',
  'eventual consistency',
  'a health check',
];
const QUESTIONS = [
  'What is %?',
  'When does % help?',
  'What does % cost?',
  'What goes wrong without %?',
  'What goes wrong with %?',
  'How would you test %?',
  'How would you measure %?',
  'Explain % to a new colleague.',
];

/** Runs offline for a few seconds, which is long enough to watch its progress. */
const SAMPLE_JOB: CreateJobRequestInput = {
  name: 'Sample: distributed systems terms',
  model: 'prodigon-sim?ttft_ms=300&tokens_per_s=60&tokens=40',
  prompts: QUESTIONS.flatMap((question) => SUBJECTS.map((subject) => question.replace('%', subject))),
};
