import {
  type ErrorDetail,
  JOB_FILE_FORMATS,
  JOB_LIMITS,
  type Job,
  type JobFileFormat,
  type JobOptionsInput,
} from '@prodigon/contracts';
import { api } from '../../../api/api.ts';
import type { PlacedInput, SourceCheck } from './check-source.ts';
import type { Source } from './source.ts';
import { forgetKey, keyFor } from './submission-key.ts';

interface Submission {
  source: Source;
  format: JobFileFormat;
  check: SourceCheck;
  options: JobOptionsInput;
}

/** A few plain prompts go as JSON; many, or ones with ids, as a file. */
export async function submitJob({ source, format, check, options }: Submission): Promise<Job> {
  const identity = source.type === 'text' ? source.text : `${source.file.name} ${source.file.size} ${source.file.lastModified}`;
  const idempotencyKey = keyFor(JSON.stringify([format, options, identity]));
  const isSmall = source.type === 'text' && check.total <= JOB_LIMITS.promptsMax && !check.hasCustomIds;
  const job = isSmall
    ? await api.jobs.submit({ ...options, prompts: check.first.map(({ input }) => input.prompt) }, { idempotencyKey })
    : await api.jobs.submitFile({ format, bytes: blobOf(source, format), options, idempotencyKey });
  forgetKey();
  return job;
}

function blobOf(source: Source, format: JobFileFormat): Blob {
  return source.type === 'file' ? source.file : new Blob([source.text], { type: JOB_FILE_FORMATS[format].mediaType });
}

/** What the server says about prompts, by the lines that they were written in. */
export function lineErrorsOf(details: readonly ErrorDetail[], first: readonly PlacedInput[]): ErrorDetail[] {
  return details.flatMap((detail) => {
    if (detail.line !== undefined) return [detail];
    const place = /^prompts\.(\d+)(?:\.|$)/.exec(detail.path)?.[1];
    const line = place === undefined ? undefined : first[Number(place)]?.line;
    return line === undefined ? [] : [{ path: 'prompt', message: detail.message, line }];
  });
}
