import type { AnswerCheck } from '../load-plan.ts';

/** What is known of an answer. */
export interface Answer {
  readonly status: number;
  /** As the header has it. */
  readonly process: string | undefined;
  readonly length: number;
  readonly tokens: number;
  /** Undefined when the text is not checked. */
  readonly text: string | undefined;
  /** Of a stream: whether its last event was there. */
  readonly isAtEnd: boolean;
  /** Whether we did not wait for its end. */
  readonly isCutOff: boolean;
}

export const FOREIGN_PROCESS = 'answered by a process that is not under test';

/** `right`, `refused`, `cut off` when what came until then was right, or the reason why it is wrong. */
export function createResponseCheck(check: AnswerCheck, isStream: boolean): (answer: Answer) => string {
  const statuses = new Set(check.statuses ?? [200]);
  const refusals = new Set(check.refusals);
  const identities = check.processes && new Set(check.processes.pids.map((pid) => `${check.processes?.runId}/${pid}`));
  return (answer) => {
    const { status, process, length, tokens, text, isAtEnd, isCutOff } = answer;
    if (identities && !(process && identities.has(process))) return FOREIGN_PROCESS;
    if (refusals.has(status)) return 'refused';
    if (!statuses.has(status)) return `status ${status}`;
    if (isCutOff) return 'cut off';
    if (check.length !== undefined && length !== check.length) return `${length} bytes instead of ${check.length}`;
    if (check.text !== undefined && !text?.includes(check.text)) return 'without the expected text';
    if (!isStream) return 'right';
    if (!isAtEnd) return 'a stream without its end';
    if (check.tokens !== undefined && tokens !== check.tokens) return `${tokens} tokens instead of ${check.tokens}`;
    return 'right';
  };
}
