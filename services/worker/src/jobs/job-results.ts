import { AppError, isTerminalJobStatus, type JobResultLine, type JobResultsQuery } from '@prodigon/contracts';
import type { JobResultsInfo, JobResultsRequest, JobStore } from '@prodigon/ports';

type ResultsStore = Pick<JobStore, 'snapshot' | 'results' | 'resultSizes'>;

/** The position of a byte of the results: in the line of item `index`, after `offset` bytes. */
interface LinePosition {
  readonly index: number;
  readonly offset: number;
}

/** Creates functions for the results of jobs as JSON Lines. They throw `JOB_NOT_FOUND` before they return. */
export function createJobResults(jobStore: ResultsStore) {
  /** Returns the version of the results; null while the job runs. Retries give a job another version. */
  async function versionOf(ownerId: string, jobId: string): Promise<number | null> {
    const { job } = await jobStore.snapshot(ownerId, jobId);
    return isTerminalJobStatus(job.status) ? job.sequence : null;
  }

  async function requireVersion(ownerId: string, jobId: string, expected: number): Promise<void> {
    if ((await versionOf(ownerId, jobId)) === expected) return;
    throw new AppError('CONFLICT', 'The results have changed. Download them again.');
  }

  /** Yields the lengths of all lines, including their line feeds, without their texts. */
  async function* lineLengths(ownerId: string, jobId: string, query: JobResultsQuery) {
    for await (const sizes of jobStore.resultSizes(ownerId, jobId, query))
      for (const { line, textBytes } of sizes)
        yield { index: line.index, bytes: Buffer.byteLength(toJsonLine(line)) + textBytes };
  }

  async function measure(ownerId: string, jobId: string, query: JobResultsQuery): Promise<number> {
    let total = 0;
    for await (const { bytes } of lineLengths(ownerId, jobId, query)) total += bytes;
    return total;
  }

  /** Returns the position of byte `first`; undefined beyond the last byte. */
  async function locate(
    ownerId: string,
    jobId: string,
    { outcome, first = 0 }: JobResultsRequest,
  ): Promise<LinePosition | undefined> {
    if (first === 0) return { index: 0, offset: 0 };
    let before = 0;
    for await (const { index, bytes } of lineLengths(ownerId, jobId, { outcome })) {
      if (before + bytes > first) return { index, offset: first - before };
      before += bytes;
    }
    return undefined;
  }

  async function* readLines(ownerId: string, jobId: string, request: JobResultsRequest, start: LinePosition | undefined) {
    if (start) yield* skipBytes(toJsonLines(jobStore.results(ownerId, jobId, request, start.index)), start.offset);
    // A retry or a deletion in the meantime would leave a part of the old results, or a mixture.
    if (request.version !== undefined) await requireVersion(ownerId, jobId, request.version);
  }

  return {
    async info(
      ownerId: string,
      jobId: string,
      { isMeasured, ...query }: JobResultsQuery & { isMeasured: boolean },
    ): Promise<JobResultsInfo> {
      const version = await versionOf(ownerId, jobId);
      return { version, bytes: version !== null && isMeasured ? await measure(ownerId, jobId, query) : null };
    },
    async read(ownerId: string, jobId: string, request: JobResultsRequest): Promise<AsyncIterable<Uint8Array>> {
      if (request.version === undefined) await jobStore.snapshot(ownerId, jobId);
      else await requireVersion(ownerId, jobId, request.version);
      return readLines(ownerId, jobId, request, await locate(ownerId, jobId, request));
    },
  };
}

const toJsonLine = (line: JobResultLine): string => `${JSON.stringify(line)}\n`;

async function* toJsonLines(batches: AsyncIterable<readonly JobResultLine[]>): AsyncGenerator<Uint8Array> {
  for await (const lines of batches) yield Buffer.from(lines.map(toJsonLine).join(''));
}

async function* skipBytes(chunks: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
