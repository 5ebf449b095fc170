/** Formats of job files, with the media type and the extension of each. */
export const JOB_FILE_FORMATS = {
  jsonl: {
    mediaType: 'application/jsonl',
    extension: '.jsonl',
    description: 'one JSON value a line: {"prompt", "custom_id"?} or a string',
  },
  csv: {
    mediaType: 'text/csv',
    extension: '.csv',
    description: 'a header with the column prompt, and custom_id if there are ids',
  },
  txt: { mediaType: 'text/plain', extension: '.txt', description: 'one prompt a line; empty lines do not count' },
} as const;
export type JobFileFormat = keyof typeof JOB_FILE_FORMATS;

const OTHER_NAMES: readonly (readonly [string, JobFileFormat])[] = [
  ['.ndjson', 'jsonl'],
  ['application/x-ndjson', 'jsonl'],
  ['application/x-jsonlines', 'jsonl'],
  ['application/csv', 'csv'],
];

/** Returns the format of a file by its name or media type, e.g. `prompts.CSV` or `text/csv; charset=utf-8`. */
export function jobFileFormatOf(nameOrMediaType: string): JobFileFormat | undefined {
  const text = nameOrMediaType.trim().toLowerCase();
  const mediaType = text.split(';')[0]?.trim();
  const extension = text.slice(text.lastIndexOf('.'));
  for (const [format, names] of Object.entries(JOB_FILE_FORMATS))
    if (mediaType === names.mediaType || extension === names.extension) return format as JobFileFormat;
  return OTHER_NAMES.find(([name]) => name === mediaType || name === extension)?.[1];
}
