/** What becomes of a job besides being worked on. */
export type JobFate = 'watched' | 'cancelled' | 'left alone';

/** A job that the platform has said it has taken. */
export interface AcknowledgedJob {
  readonly jobId: string;
  readonly prompts: readonly string[];
  readonly fate: JobFate;
}

/** Who remembers what the platform owes. */
export interface AcknowledgedJobs {
  acknowledge(job: AcknowledgedJob): void;
  /** Nobody knows whether it was taken. */
  forget(): void;
  readonly acknowledged: readonly AcknowledgedJob[];
  readonly unknown: number;
}

export function createAcknowledgedJobs(): AcknowledgedJobs {
  const acknowledged: AcknowledgedJob[] = [];
  let unknown = 0;
  return {
    acknowledge: (job) => void acknowledged.push(job),
    forget: () => {
      unknown += 1;
    },
    acknowledged,
    get unknown() {
      return unknown;
    },
  };
}
