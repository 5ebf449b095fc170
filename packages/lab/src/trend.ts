/** Fewer leave nothing to estimate the error from. */
const POINTS_MIN = 4;
/** Of Student's distribution for 1, 2, 3, … degrees of freedom, two-sided 95 %. */
const FEW = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
const NORMAL = 1.959964;

/** A straight line through points, by least squares. */
export interface Trend {
  /** In units of y for one of x. */
  readonly slope: number;
  readonly standardError: number;
  /** Holds the true slope in 95 of 100 measurements. */
  readonly interval: readonly [low: number, high: number];
  /** `indistinguishable from 0` when the interval holds 0. */
  readonly verdict: 'grows' | 'shrinks' | 'indistinguishable from 0';
}

/**
 * The slope over points in the order of their x, about evenly apart. Neighbours in time that resemble each other count as
 * fewer points than they are, else a slow wave would pass for growth. Null for fewer than four points, or all at one x.
 */
export function fitTrend(points: readonly (readonly [x: number, y: number])[]): Trend | null {
  const count = points.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const spread = sum(points.map(([x]) => (x - meanX) ** 2));
  if (count < POINTS_MIN || spread === 0) return null;
  const slope = sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spread;
  const residuals = points.map(([x, y]) => y - meanY - slope * (x - meanX));
  const independent = count * independence(residuals);
  const squares = sum(residuals.map((each) => each ** 2));
  const variance = (squares / (count - 2)) * (count / independent);
  const standardError = Math.sqrt(variance / spread);
  const margin = studentQuantile(Math.max(1, Math.floor(independent - 2))) * standardError;
  const interval = [slope - margin, slope + margin] as const;
  const verdict = interval[0] > 0 ? 'grows' : interval[1] < 0 ? 'shrinks' : 'indistinguishable from 0';
  return { slope, standardError, interval, verdict };
}

/** Which share of the points tells something of its own, as in a first-order autoregression: from how much each resembles the one before. */
function independence(residuals: readonly number[]): number {
  const squares = sum(residuals.map((each) => each ** 2));
  if (squares === 0) return 1;
  const products = sum(residuals.slice(1).map((each, index) => each * (residuals[index] ?? 0)));
  const likeness = Math.max(0, products / squares);
  return (1 - likeness) / (1 + likeness);
}

/** Beyond the table by the first terms of Fisher's expansion, exact to three digits. */
function studentQuantile(degrees: number): number {
  const z = NORMAL;
  const expanded = z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
  return FEW[degrees - 1] ?? expanded;
}

const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
