import { BaseSequencer, type TestSpecification } from 'vitest/node';

const PROJECTS = ['unit', 'system', 'matrix'];

/**
 * Orders test files by project, unit tests first, and within each project by duration, longest first. A long file at the
 * end would leave workers idle. Durations come from Vitest's cache of the last run; new files are ordered by size.
 */
export class LongestFirstSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const longestFirst = await super.sort(files);
    return PROJECTS.flatMap((name) => longestFirst.filter(({ project }) => project.name === name));
  }
}
