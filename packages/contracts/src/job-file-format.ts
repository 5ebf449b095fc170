import { JOB_FILE_FORMATS, type JobFileFormat } from './jobs.ts';

const OTHER_NAMES: readonly (readonly [string, JobFileFormat])[] = [
  ['.ndjson', 'jsonl'],
  ['application/x-ndjson', 'jsonl'],
  ['application/x-jsonlines', 'jsonl'],
  ['application/csv', 'csv'],
];

/** The format of a file by its name or its media type, e.g. `prompts.CSV` or `text/csv; charset=utf-8`. */
export function jobFileFormatOf(nameOrMediaType: string): JobFileFormat | undefined {
  const text = nameOrMediaType.trim().toLowerCase();
  const mediaType = text.split(';')[0]?.trim();
  const extension = text.slice(text.lastIndexOf('.'));
  for (const [format, names] of Object.entries(JOB_FILE_FORMATS))
    if (mediaType === names.mediaType || extension === names.extension) return format as JobFileFormat;
  return OTHER_NAMES.find(([name]) => name === mediaType || name === extension)?.[1];
}
