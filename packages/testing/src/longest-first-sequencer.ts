import { BaseSequencer, type TestSpecification } from 'vitest/node';

const PROJECTS = ['unit', 'system', 'matrix', 'clients', 'deploy', 'workshop'];

/** Small files that take long. A fresh clone has no durations of a last run, so they would start last. */
const LONG_FILES = [
  'coding-agents.clients',
  'python-libraries.clients',
  'npm-start.matrix',
  'supervisor-restart',
  'slow-loris.matrix',
  'replica-failover.matrix',
  'jobs-list.test',
  'killed-worker',
  'killed-platform',
  'backpressure.matrix',
  'startup-errors.matrix',
  'suspended-worker.matrix',
  'usage.system',
  'job-cancellation.matrix',
  'restarted-database.system',
  'clock-skew.system',
  'event-loop.matrix',
  'full-disk.matrix',
  'keyboard.test',
  'response-messages.test',
  'connection-status.test',
];

/**
 * Orders test files by project, unit tests first, and within each project by duration, longest first. A long file at the
 * end would leave workers idle. Durations come from Vitest's cache of the last run; new files are ordered by size.
 */
export class LongestFirstSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const longestFirst = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG_FILES.some((name) => moduleId.includes(name));
    const ordered = [...longestFirst.filter(isLong), ...longestFirst.filter((file) => !isLong(file))];
    return PROJECTS.flatMap((name) => ordered.filter(({ project }) => project.name === name));
  }
}
