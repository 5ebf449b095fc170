import { DEPLOYMENTS, type DeploymentName } from './start-deployment.ts';

/** Set by vitest.config.ts for the project `matrix`. */
const isMatrixRun = process.env.PRODIGON_TEST_MATRIX === 'rest';

/**
 * Returns the cells of a `*.matrix.test.ts` file that this run tests. `npm test` runs the representative cells, and
 * `npm run test:all` also runs the others.
 */
export function matrixOf<Cell>(cells: readonly Cell[], isRepresentative: (cell: Cell) => boolean): Cell[] {
  return cells.filter((cell) => isRepresentative(cell) !== isMatrixRun);
}

/** Returns the deployments that this run tests. */
export const matrixDeployments = (...representatives: DeploymentName[]): DeploymentName[] =>
  matrixOf(DEPLOYMENTS, (name) => representatives.includes(name));
