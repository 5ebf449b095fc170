import type { SeededRandom } from '@prodigon/testing';
import type { JobFollowUp } from '../acknowledged-jobs.ts';

export interface JobPlan {
  readonly prompts: readonly string[];
  readonly model: string;
  readonly followUp: JobFollowUp;
  /** Whether the client submits the prompts as a file. */
  readonly isFile: boolean;
  /** Whether the client submits the job twice concurrently, with the same idempotency key. */
  readonly isSentTwice: boolean;
  readonly cancelAfterMs: number;
}

const SMALL_MAX = 30;
const INLINE_MAX = 100;
const FILE_MAX = 300;
const CANCEL_MS_MAX = 3_000;

/** Plans the next job of a client. `name` makes its prompts unique. */
export function planJob(random: SeededRandom, name: string): JobPlan {
  const isFile = random.oneIn(12);
  const count = isFile
    ? INLINE_MAX + random.upTo(FILE_MAX - INLINE_MAX)
    : 1 + random.upTo(random.oneIn(4) ? INLINE_MAX - 1 : SMALL_MAX - 1);
  return {
    prompts: Array.from({ length: count }, (_, index) => `${name}, prompt ${index}`),
    model: random.pick(['slow_20', 'slow_100', 'slow_100', 'limited_once_1']),
    followUp: random.pick(['watch', 'watch', 'watch', 'cancel', 'none']),
    isFile,
    isSentTwice: random.oneIn(8),
    cancelAfterMs: random.upTo(CANCEL_MS_MAX),
  };
}
