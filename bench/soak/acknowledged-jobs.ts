/** What the client does with a job after its submission. */
export type JobFollowUp = 'watch' | 'cancel' | 'none';

/** A job that the platform has acknowledged. */
export interface AcknowledgedJob {
  readonly jobId: string;
  readonly prompts: readonly string[];
  readonly followUp: JobFollowUp;
}

/** Collects the jobs that the platform must complete. */
export interface AcknowledgedJobs {
  acknowledge(job: AcknowledgedJob): void;
  /** Counts a submission without acknowledgement, which the platform may have accepted. */
  recordUnknown(): void;
  readonly acknowledged: readonly AcknowledgedJob[];
  readonly unknown: number;
}

export function createAcknowledgedJobs(): AcknowledgedJobs {
  const acknowledged: AcknowledgedJob[] = [];
  let unknown = 0;
  return {
    acknowledge: (job) => void acknowledged.push(job),
    recordUnknown: () => {
      unknown += 1;
    },
    acknowledged,
    get unknown() {
      return unknown;
    },
  };
}
