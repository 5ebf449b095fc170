import { AppError } from '@prodigon/contracts';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../../api/api.ts';
import { newKey } from '../new-key.ts';
import { SAMPLE_JOB } from './samples.ts';

/** Submits the sample and goes there. Pressed again after a failure, it is still one job. */
export function useSample() {
  const [, navigate] = useLocation();
  const [key] = useState(newKey);
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
