import { AppError, cutText, type ErrorDetail, type Job, type JobInput } from '@prodigon/contracts';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { api } from '../../../api/api.ts';
import {
  clearDraft,
  type Draft,
  EMPTY_DRAFT,
  type FieldErrors,
  jobToFields,
  type OptionFields,
  parseFields,
  restoreDraft,
  saveDraft,
} from './draft.ts';
import { type Source, sourceFormat, useSourceValidation, withoutInvalidLines } from './prompt-source.ts';
import { lineErrors, submitJob } from './submit-job.ts';

/** Delay between the last keystroke and saving the draft. */
const SAVE_DELAY_MS = 300;

export interface SubmitError {
  message: string;
  /** Errors by line; empty for other errors. */
  lines: readonly ErrorDetail[];
}

/** The state of the form for a new job, and its actions. */
export function useNewJob() {
  const [, navigate] = useLocation();
  const [draft, setDraft] = useState<Draft>(restoreDraft);
  const [file, setFile] = useState<File | null>(null);
  const [isDraftSaved, setDraftSaved] = useState(true);
  const [hasTriedSubmit, setTriedSubmit] = useState(false);
  const [serverErrors, setServerErrors] = useState<FieldErrors>({});
  const [submitError, setSubmitError] = useState<SubmitError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const busy = useRef(false);

  const source = useMemo<Source>(() => (file ? { type: 'file', file } : { type: 'text', text: draft.text }), [file, draft.text]);
  const format = sourceFormat(source, draft.pasteFormat);
  const validation = useSourceValidation(source, format);
  const parsed = parseFields(draft.fields);

  useEffect(() => {
    const save = () => setDraftSaved(saveDraft(draft));
    const timer = setTimeout(save, SAVE_DELAY_MS);
    addEventListener('pagehide', save);
    return () => {
      clearTimeout(timer);
      removeEventListener('pagehide', save);
    };
  }, [draft]);

  const change = (changes: Partial<Draft>) => {
    setSubmitError(null);
    setDraft((before) => ({ ...before, ...changes }));
  };
  const setField = (name: keyof OptionFields, value: string) => {
    setServerErrors({});
    setDraft((before) => ({ ...before, fields: { ...before.fields, [name]: value } }));
  };
  const chooseFile = (chosen: File | null) => {
    setSubmitError(null);
    setFile(chosen);
  };

  /** Removes the invalid lines from the text or the file. The next validation checks the rest. */
  const removeInvalidLines = async (errors: readonly ErrorDetail[]): Promise<void> => {
    if (file && format) {
      try {
        chooseFile(await withoutInvalidLines(file, format));
      } catch (thrown) {
        setSubmitError({ message: AppError.from(thrown).message, lines: [] });
      }
      return;
    }
    const invalid = new Set(errors.map(({ line }) => line));
    const lines = draft.text.split('\n').filter((_, index) => !invalid.has(index + 1));
    change({ text: lines.join('\n') });
  };

  /** Resolves with false if the form has errors. */
  const submit = async (): Promise<boolean> => {
    setTriedSubmit(true);
    const isValid =
      validation.state === 'validated' &&
      validation.result.problem === null &&
      validation.result.errorCount === 0 &&
      validation.result.total > 0;
    if (!isValid || !format || !('options' in parsed)) return false;
    // A ref, because the second click of a double click arrives before React renders the state.
    if (busy.current) return true;
    busy.current = true;
    setBusy(true);
    setSubmitError(null);
    try {
      const job = await submitJob({ source, format, validation: validation.result, options: parsed.options });
      clearDraft();
      setDraft(EMPTY_DRAFT);
      navigate(`/jobs/${job.job_id}`);
      return true;
    } catch (thrown) {
      const { message, details = [] } = AppError.from(thrown);
      setSubmitError({ message, lines: lineErrors(details, validation.result.first) });
      setServerErrors(fieldErrors(details));
      return false;
    } finally {
      busy.current = false;
      setBusy(false);
    }
  };

  return {
    draft,
    change,
    setField,
    file,
    chooseFile,
    removeInvalidLines,
    format,
    validation,
    isDraftSaved,
    fieldErrors: 'errors' in parsed ? parsed.errors : serverErrors,
    hasTriedSubmit,
    submitError,
    isBusy,
    submit,
  };
}

export type NewJob = ReturnType<typeof useNewJob>;

function fieldErrors(details: readonly ErrorDetail[]): FieldErrors {
  const errors: FieldErrors = {};
  for (const { path, message, line } of details) {
    const name = path.split('.')[0] ?? '';
    if (line === undefined && name in EMPTY_DRAFT.fields) errors[name as keyof OptionFields] ??= message;
  }
  return errors;
}

const CLONE_PAGE_SIZE = 200;
/** More prompts become a file, because a text field would be slow. */
const TEXT_FIELD_PROMPTS_MAX = 1_000;

export interface CloneState {
  /** Undefined while nothing is being cloned. */
  progress?: string;
  failure?: string;
}

/** Fills the form from the job that `?clone=` names, then removes the parameter from the URL. */
export function useJobClone({ change, chooseFile }: Pick<NewJob, 'change' | 'chooseFile'>): CloneState {
  const jobId = new URLSearchParams(useSearch()).get('clone');
  const [, navigate] = useLocation();
  const [state, setState] = useState<CloneState>({});

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another job starts another clone.
  useEffect(() => {
    if (jobId === null) return;
    const controller = new AbortController();
    const { signal } = controller;
    const clone = async () => {
      setState({ progress: 'Loading the job…' });
      const job = await api.jobs.get(jobId, signal);
      const inputs = await readInputs(job, signal, (count) =>
        setState({ progress: `Loading prompts: ${count} of ${job.total_prompts}` }),
      );
      const isPlain = inputs.every(({ prompt, custom_id }) => custom_id === undefined && !/[\r\n]/.test(prompt));
      const fitsTextField = inputs.length <= TEXT_FIELD_PROMPTS_MAX;
      const text = inputs.map((input) => (isPlain ? input.prompt : JSON.stringify(input))).join('\n');
      chooseFile(fitsTextField ? null : new File([text], `${cutText(job.name, 40, '')}${isPlain ? '.txt' : '.jsonl'}`));
      change({ text: fitsTextField ? text : '', pasteFormat: isPlain ? 'txt' : 'jsonl', fields: jobToFields(job) });
      setState({});
      navigate('/jobs/new', { replace: true });
    };
    clone().catch((thrown) => !signal.aborted && setState({ failure: AppError.from(thrown).message }));
    return () => controller.abort();
  }, [jobId]);
  return state;
}

async function readInputs(job: Job, signal: AbortSignal, onProgress: (count: number) => void): Promise<JobInput[]> {
  const inputs: JobInput[] = [];
  for (let after: number | null = -1; after !== null; ) {
    const { items, next_after } = await api.jobs.items(job.job_id, { limit: CLONE_PAGE_SIZE, after }, signal);
    for (const { prompt, custom_id } of items) inputs.push({ prompt, ...(custom_id !== null && { custom_id }) });
    after = next_after;
    onProgress(inputs.length);
  }
  return inputs;
}
