import { AppError, type JobResultsQuery } from '@prodigon/contracts';
import { pipeToSse } from '@prodigon/platform';
import type { CallContext, JobsClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { matchesAnyTag, resolveByteRange } from './byte-range.ts';

/**
 * Sends the results of a job as a file. The results of a job that has ended have an entity tag, and a client whose download
 * was interrupted continues it with `Range`. The results of a running job have no tag, because they change.
 */
export async function sendJobResults(
  jobs: Pick<JobsClient, 'results' | 'resultsInfo'>,
  jobId: string,
  { request, reply, context }: { request: FastifyRequest; reply: FastifyReply; context: CallContext },
): Promise<FastifyReply> {
  const { outcome } = request.query as JobResultsQuery;
  const { range: rangeHeader, 'if-range': condition, 'if-none-match': knownTags } = request.headers;
  const isHead = request.method === 'HEAD';
  const isPartWanted = !isHead && rangeHeader !== undefined;
  const { version, bytes } = await jobs.resultsInfo(jobId, { outcome, isMeasured: isHead || isPartWanted }, context);
  const tag = version === null ? undefined : `"${jobId}.${outcome}.${version}"`;
  const headers = {
    'accept-ranges': tag === undefined ? 'none' : 'bytes',
    ...(tag !== undefined && { etag: tag }),
  };
  if (tag !== undefined && matchesAnyTag(knownTags, tag)) return reply.code(304).headers(headers).send();

  const isApplicable = isPartWanted && bytes !== null && (condition === undefined || condition === tag);
  const range = isApplicable ? resolveByteRange(rangeHeader, bytes) : undefined;
  if (range === 'unsatisfiable') {
    reply.headers({ ...headers, 'content-range': `bytes */${bytes}` });
    throw new AppError('RANGE_NOT_SATISFIABLE', `The results have ${bytes} bytes.`);
  }
  const name = `prodigon-${jobId}${outcome === 'all' ? '' : `-${outcome}`}.jsonl`;
  const fileHeaders = {
    ...headers,
    'content-type': 'application/jsonl; charset=utf-8',
    'content-disposition': `attachment; filename="${name}"`,
  };
  // Fastify would replace the length by that of the missing body.
  if (isHead)
    return pipeToSse(reply, noBytes(), {
      heartbeatMs: 0,
      headers: { ...fileHeaders, ...(bytes !== null && { 'content-length': bytes }) },
    });

  const lines = await jobs.results(
    jobId,
    { outcome, ...(version !== null && { version }), ...(range && { first: range.first }) },
    context,
  );
  if (!range) return pipeToSse(reply, lines, { heartbeatMs: 0, headers: fileHeaders });
  const length = range.last - range.first + 1;
  return pipeToSse(reply.code(206), takeBytes(lines, length), {
    heartbeatMs: 0,
    headers: { ...fileHeaders, 'content-range': `bytes ${range.first}-${range.last}/${bytes}`, 'content-length': length },
  });
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

/** Yields exactly `count` bytes. Throws when there are fewer, so that the connection is closed. */
async function* takeBytes(chunks: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of chunks) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left);
      return;
    }
    left -= chunk.length;
    yield chunk;
  }
  throw new AppError('SERVICE_UNAVAILABLE', 'The results ended early.');
}
