import { DEPLOYMENTS, type DeploymentName } from './start-deployment.ts';

/** Set by vitest.config.ts for the project `matrix`. */
const isMatrixRun = process.env.PRODIGON_TEST_MATRIX === 'rest';

/**
 * Splits the cells of a `*.matrix.test.ts` file: `npm test` runs the representatives, `npm run test:all` runs the others too.
 */
export function matrixOf<Cell>(cells: readonly Cell[], isRepresentative: (cell: Cell) => boolean): Cell[] {
  return cells.filter((cell) => isRepresentative(cell) !== isMatrixRun);
}

/** The deployments that this run tests. */
export const matrixDeployments = (...representatives: DeploymentName[]): DeploymentName[] =>
  matrixOf(DEPLOYMENTS, (name) => representatives.includes(name));
