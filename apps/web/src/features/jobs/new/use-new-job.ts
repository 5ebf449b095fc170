import { AppError, type ErrorDetail } from '@prodigon/contracts';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { type Draft, EMPTY_DRAFT, type FieldErrors, type OptionFields, readFields } from './draft.ts';
import { forgetDraft, keepDraft, restoreDraft } from './draft-storage.ts';
import { formatOf, type Source } from './source.ts';
import { lineErrorsOf, submitJob } from './submit-job.ts';
import { useCheck } from './use-check.ts';

/** After the last key, before the draft is kept. */
const KEEP_AFTER_MS = 300;

export interface Refusal {
  message: string;
  /** By line; empty when it is about something else. */
  lines: readonly ErrorDetail[];
}

/** The state of the form, and what it does. */
export function useNewJob() {
  const [, navigate] = useLocation();
  const [draft, setDraft] = useState<Draft>(restoreDraft);
  const [file, setFile] = useState<File | null>(null);
  const [isKept, setKept] = useState(true);
  const [wasTried, setTried] = useState(false);
  const [serverErrors, setServerErrors] = useState<FieldErrors>({});
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const busy = useRef(false);

  const source = useMemo<Source>(() => (file ? { type: 'file', file } : { type: 'text', text: draft.text }), [file, draft.text]);
  const format = formatOf(source, draft.pasteFormat);
  const check = useCheck(source, format);
  const read = readFields(draft.fields);

  useEffect(() => {
    const keep = () => setKept(keepDraft(draft));
    const timer = setTimeout(keep, KEEP_AFTER_MS);
    addEventListener('pagehide', keep);
    return () => {
      clearTimeout(timer);
      removeEventListener('pagehide', keep);
    };
  }, [draft]);

  const change = (changes: Partial<Draft>) => {
    setRefusal(null);
    setDraft((before) => ({ ...before, ...changes }));
  };
  const setField = (name: keyof OptionFields, value: string) => {
    setServerErrors({});
    setDraft((before) => ({ ...before, fields: { ...before.fields, [name]: value } }));
  };
  const chooseFile = (chosen: File | null) => {
    setRefusal(null);
    setFile(chosen);
  };

  /** False when there is something to mend first. */
  const submit = async (): Promise<boolean> => {
    setTried(true);
    const canSubmit =
      check.state === 'checked' && check.check.problem === null && check.check.errorCount === 0 && check.check.total > 0;
    if (!canSubmit || !format || !('options' in read)) return false;
    // At once, before React renders: a double click comes sooner.
    if (busy.current) return true;
    busy.current = true;
    setBusy(true);
    setRefusal(null);
    try {
      const job = await submitJob({ source, format, check: check.check, options: read.options });
      forgetDraft();
      setDraft(EMPTY_DRAFT);
      navigate(`/jobs/${job.job_id}`);
      return true;
    } catch (thrown) {
      const { message, details = [] } = AppError.from(thrown);
      setRefusal({ message, lines: lineErrorsOf(details, check.check.first) });
      setServerErrors(fieldErrorsOf(details));
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
    format,
    check,
    isKept,
    fieldErrors: 'errors' in read ? read.errors : serverErrors,
    wasTried,
    refusal,
    isBusy,
    submit,
  };
}

export type NewJob = ReturnType<typeof useNewJob>;

function fieldErrorsOf(details: readonly ErrorDetail[]): FieldErrors {
  const errors: FieldErrors = {};
  for (const { path, message, line } of details) {
    const name = path.split('.')[0] ?? '';
    if (line === undefined && name in EMPTY_DRAFT.fields) errors[name as keyof OptionFields] ??= message;
  }
  return errors;
}
