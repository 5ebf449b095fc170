import {
  type ErrorDetail,
  JOB_FILE_FORMATS,
  JOB_LIMITS,
  type Job,
  type JobFileFormat,
  type JobOptionsInput,
} from '@prodigon/contracts';
import { api } from '../../../api/api.ts';
import { clearSubmissionKey, submissionKey } from '../idempotency-key.ts';
import type { NumberedInput, Source, SourceValidation } from './prompt-source.ts';

interface Submission {
  source: Source;
  format: JobFileFormat;
  validation: SourceValidation;
  options: JobOptionsInput;
}

/** Submits a job: a few plain prompts as JSON, more prompts or prompts with custom ids as a file. */
export async function submitJob({ source, format, validation, options }: Submission): Promise<Job> {
  const content = source.type === 'text' ? source.text : `${source.file.name} ${source.file.size} ${source.file.lastModified}`;
  const idempotencyKey = submissionKey(JSON.stringify([format, options, content]));
  const isSmall = source.type === 'text' && validation.total <= JOB_LIMITS.promptsMax && !validation.hasCustomIds;
  const job = isSmall
    ? await api.jobs.submit({ ...options, prompts: validation.first.map(({ input }) => input.prompt) }, { idempotencyKey })
    : await api.jobs.submitFile({ format, bytes: toBlob(source, format), options, idempotencyKey });
  clearSubmissionKey();
  return job;
}

function toBlob(source: Source, format: JobFileFormat): Blob {
  return source.type === 'file' ? source.file : new Blob([source.text], { type: JOB_FILE_FORMATS[format].mediaType });
}

/** Maps the server's errors about prompts to the lines of the source. Other errors are left out. */
export function lineErrors(details: readonly ErrorDetail[], first: readonly NumberedInput[]): ErrorDetail[] {
  return details.flatMap((detail) => {
    if (detail.line !== undefined) return [detail];
    const index = /^prompts\[(\d+)\]/.exec(detail.path)?.[1];
    const line = index === undefined ? undefined : first[Number(index)]?.line;
    return line === undefined ? [] : [{ path: 'prompt', message: detail.message, line }];
  });
}
