import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * The `traceparent` of this hop (https://www.w3.org/TR/trace-context/): the caller's trace with a span
 * of our own, or a new trace when the caller sent none that is valid.
 */
export function continueTrace(incoming: string | string[] | undefined): string {
  const [, traceId, parentId, flags] = (typeof incoming === 'string' && TRACEPARENT.exec(incoming)) || [];
  const isValid = traceId && !/^0+$/.test(traceId) && parentId && !/^0+$/.test(parentId);
  const span = randomBytes(8).toString('hex');
  return isValid ? `00-${traceId}-${span}-${flags}` : `00-${randomBytes(16).toString('hex')}-${span}-01`;
}
