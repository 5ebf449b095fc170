import type { Logger } from '@prodigon/platform';
import type { ActivityQueue } from './activities/activity-queue.ts';
import type { ProgressEvent } from './progress/progress-event.ts';
import type { ProgressStore } from './progress/progress-store.ts';
import type { TaskDescriptions } from './runner/task-descriptions.ts';
import type { TaskRunner } from './runner/task-runner.ts';
import type { LearnerFiles } from './tasks/learner-files.ts';
import type { TaskCatalog } from './tasks/task-catalog.ts';

/** What the operations of the workshop share. */
export interface WorkshopContext {
  readonly catalog: TaskCatalog;
  readonly progress: ProgressStore;
  readonly files: LearnerFiles;
  readonly queue: ActivityQueue;
  readonly descriptions: TaskDescriptions;
  readonly runner: TaskRunner;
  readonly logger: Pick<Logger, 'warn'>;
  readonly now: () => Date;
  /** Appends an event that happens now. */
  readonly recordEvent: (event: DistributiveOmit<ProgressEvent, 'at'>) => void;
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;
