import { BaseSequencer, type TestSpecification } from 'vitest/node';

const PROJECTS = ['unit', 'system', 'matrix'];

/**
 * Runs unit tests first, then within each project the longest files first, so that no long file is left over at the end.
 * Durations come from vitest's cache of the last run; a file without one counts by its size.
 */
export class LongestFirstSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const longestFirst = await super.sort(files);
    return PROJECTS.flatMap((name) => longestFirst.filter(({ project }) => project.name === name));
  }
}
