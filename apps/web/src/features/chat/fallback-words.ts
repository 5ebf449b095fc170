import type { ErrorCode, StreamEventData } from '@prodigon/contracts';

const REASONS: Partial<Record<ErrorCode, string>> = {
  RATE_LIMITED: 'it is at its rate limit',
  DEADLINE_EXCEEDED: 'it took too long to begin',
  INFERENCE_ERROR: 'it failed to answer',
  SERVICE_UNAVAILABLE: 'it could not be called',
};

/** Which model answered in place of which, and why. */
export function fallbackWords({ from, to, reason }: StreamEventData<'fallback'>): string {
  return `${from} gave way to ${to}: ${REASONS[reason] ?? 'it did not answer'}.`;
}
