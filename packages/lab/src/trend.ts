/** With fewer points, the error cannot be estimated. */
const POINTS_MIN = 4;
/** Two-sided 95 % quantiles of Student's t-distribution for 1, 2, 3, … degrees of freedom. */
const T_QUANTILES = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
const NORMAL_QUANTILE = 1.959964;

/** A linear trend, fitted by least squares. */
export interface Trend {
  /** Units of y per unit of x. */
  readonly slope: number;
  readonly standardError: number;
  /** The 95 % confidence interval of the slope. */
  readonly interval: readonly [low: number, high: number];
  /** `indistinguishable from 0` when the interval contains 0. */
  readonly verdict: 'grows' | 'shrinks' | 'indistinguishable from 0';
}

/**
 * Fits a linear trend to points that are sorted by x and about evenly spaced. Autocorrelation reduces the effective sample
 * size, because a slow wave would otherwise pass for growth. Returns null for fewer than four points or a single x.
 */
export function fitTrend(points: readonly (readonly [x: number, y: number])[]): Trend | null {
  const count = points.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const spread = sum(points.map(([x]) => (x - meanX) ** 2));
  if (count < POINTS_MIN || spread === 0) return null;
  const slope = sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spread;
  const residuals = points.map(([x, y]) => y - meanY - slope * (x - meanX));
  const effectiveCount = count * independentShare(residuals);
  const squares = sum(residuals.map((each) => each ** 2));
  const variance = (squares / (count - 2)) * (count / effectiveCount);
  const standardError = Math.sqrt(variance / spread);
  const margin = studentQuantile(Math.max(1, Math.floor(effectiveCount - 2))) * standardError;
  const interval = [slope - margin, slope + margin] as const;
  const verdict = interval[0] > 0 ? 'grows' : interval[1] < 0 ? 'shrinks' : 'indistinguishable from 0';
  return { slope, standardError, interval, verdict };
}

/** Returns the effective share of independent points, by the lag-1 autocorrelation of a first-order autoregressive model. */
function independentShare(residuals: readonly number[]): number {
  const squares = sum(residuals.map((each) => each ** 2));
  if (squares === 0) return 1;
  const products = sum(residuals.slice(1).map((each, index) => each * (residuals[index] ?? 0)));
  const autocorrelation = Math.max(0, products / squares);
  return (1 - autocorrelation) / (1 + autocorrelation);
}

/** Returns the two-sided 95 % quantile from the table, or beyond it by the first terms of Fisher's expansion, exact to three digits. */
export function studentQuantile(degrees: number): number {
  const z = NORMAL_QUANTILE;
  const expanded = z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
  return T_QUANTILES[degrees - 1] ?? expanded;
}

const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
