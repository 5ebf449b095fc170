import type { Lease } from '@prodigon/ports';

/** Equal for the same lease only. */
export function leaseKey({ jobId, index, lease }: Lease): string {
  return `${jobId}:${index}:${lease}`;
}
