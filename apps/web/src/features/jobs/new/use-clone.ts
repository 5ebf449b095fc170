import { AppError, type Job, type JobInput } from '@prodigon/contracts';
import { useEffect, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { api } from '../../../api/api.ts';
import { fieldsOf } from './draft.ts';
import type { NewJob } from './use-new-job.ts';

const PAGE = 200;
/** More than this is handed over as a file: a text field would choke on it. */
const IN_FIELD_MAX = 1_000;

export interface CloneState {
  /** Undefined when nothing is being cloned. */
  words?: string;
  failure?: string;
}

/** Fills the form in from the job that the URL names, once; then the URL is that of any new job. */
export function useClone({ change, chooseFile }: Pick<NewJob, 'change' | 'chooseFile'>): CloneState {
  const jobId = new URLSearchParams(useSearch()).get('clone');
  const [, navigate] = useLocation();
  const [state, setState] = useState<CloneState>({});

  // biome-ignore lint/correctness/useExhaustiveDependencies: what it does with the form depends on the job alone.
  useEffect(() => {
    if (jobId === null) return;
    const controller = new AbortController();
    const { signal } = controller;
    const clone = async () => {
      setState({ words: 'Fetching the job…' });
      const job = await api.jobs.get(jobId, signal);
      const inputs = await inputsOf(job, signal, (count) =>
        setState({ words: `Fetching prompts: ${count} of ${job.total_prompts}` }),
      );
      const isPlain = inputs.every(({ prompt, custom_id }) => custom_id === undefined && !/[\r\n]/.test(prompt));
      const isInField = inputs.length <= IN_FIELD_MAX;
      const text = inputs.map((input) => (isPlain ? input.prompt : JSON.stringify(input))).join('\n');
      chooseFile(isInField ? null : new File([text], `${job.name.slice(0, 40)}${isPlain ? '.txt' : '.jsonl'}`));
      change({ text: isInField ? text : '', pasteFormat: isPlain ? 'txt' : 'jsonl', fields: fieldsOf(job) });
      setState({});
      navigate('/jobs/new', { replace: true });
    };
    clone().catch((thrown) => !signal.aborted && setState({ failure: AppError.from(thrown).message }));
    return () => controller.abort();
  }, [jobId]);
  return state;
}

async function inputsOf(job: Job, signal: AbortSignal, onProgress: (count: number) => void): Promise<JobInput[]> {
  const inputs: JobInput[] = [];
  for (let after: number | null = -1; after !== null; ) {
    const { items, next_after } = await api.jobs.items(job.job_id, { limit: PAGE, after }, signal);
    for (const { prompt, custom_id } of items) inputs.push({ prompt, ...(custom_id !== null && { custom_id }) });
    after = next_after;
    onProgress(inputs.length);
  }
  return inputs;
}
