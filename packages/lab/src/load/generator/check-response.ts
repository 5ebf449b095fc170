import type { ResponseCheck } from '../load-plan.ts';

/** The observed properties of one response. */
export interface ReceivedResponse {
  readonly status: number;
  /** The value of the `x-lab-process` header. */
  readonly process: string | undefined;
  readonly length: number;
  readonly tokens: number;
  /** Undefined when the text is not checked. */
  readonly text: string | undefined;
  /** Whether the final event of a stream arrived. */
  readonly isAtEnd: boolean;
  /** Whether the generator cancelled the request. */
  readonly isCutOff: boolean;
}

export const FOREIGN_PROCESS = 'response from a process that is not under test';

/**
 * Creates a function that returns `correct`, `rejected`, `cut off` or the reason why a response is wrong. `cut off`
 * means that everything received before the cancellation was correct.
 */
export function createResponseCheck(check: ResponseCheck, isStream: boolean): (response: ReceivedResponse) => string {
  const statuses = new Set(check.statuses ?? [200]);
  const rejections = new Set(check.rejections);
  const identities = check.processes && new Set(identitiesOf(check.processes));
  return (response) => {
    const { status, process, length, tokens, text, isAtEnd, isCutOff } = response;
    if (identities && !(process && identities.has(process))) return FOREIGN_PROCESS;
    if (rejections.has(status)) return 'rejected';
    if (!statuses.has(status)) return `status ${status}`;
    if (isCutOff) return 'cut off';
    if (check.length !== undefined && length !== check.length) return `${length} bytes instead of ${check.length}`;
    if (check.text !== undefined && !text?.includes(check.text)) return 'the expected text is missing';
    if (!isStream) return 'correct';
    if (!isAtEnd) return 'the stream ended early';
    if (check.tokens !== undefined && tokens !== check.tokens) return `${tokens} tokens instead of ${check.tokens}`;
    return 'correct';
  };
}

/** Returns the values of the `x-lab-process` header of these processes. */
function identitiesOf({ runId, pids, configurationHash }: NonNullable<ResponseCheck['processes']>): string[] {
  return pids.map((pid) => [runId, pid, configurationHash].filter((part) => part !== undefined).join('/'));
}
