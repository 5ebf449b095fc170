import type { Job } from '@prodigon/contracts';
import type { CommandContext } from '../../command.ts';
import { finishedPrompts } from '../../format-numbers.ts';
import { createProgressDisplay, type ProgressDisplay } from '../../progress-display.ts';
import { formatProgress } from './progress-line.ts';
import { createThroughputMeter } from './throughput-meter.ts';

/** Creates a display of a job's progress with its throughput. */
export function createJobProgressDisplay(
  output: Pick<CommandContext, 'stderr' | 'terminal' | 'env'>,
  now = () => performance.now(),
): ProgressDisplay<Job> {
  const throughput = createThroughputMeter(now);
  const display = createProgressDisplay<Job>(
    output,
    {
      format: (job, options) => formatProgress(job, { ...options, itemsPerSecond: throughput.perSecond() }),
      phaseOf: ({ status }) => status,
      continuation: 'The job continues.',
    },
    now,
  );
  return {
    ...display,
    show(job) {
      throughput.record(finishedPrompts(job));
      display.show(job);
    },
  };
}
