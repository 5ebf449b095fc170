import type { LabVerdict, RatioRange } from '@prodigon/contracts/workshop';

export interface ScaleRange {
  /** From 0 at the start of the scale to 1 at its end. */
  from: number;
  to: number;
}

export interface VerdictScale {
  ticks: readonly { ratio: number; at: number }[];
  /** Ratios that count as no difference. */
  margin: ScaleRange;
  predicted: ScaleRange | null;
  measured: { at: number; interval: ScaleRange } | null;
}

const TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
/** Free space at both ends, as a share of the scale. */
const PADDING = 0.08;
/** The smallest scale goes from ½× to 2×. */
const SPAN_MIN = Math.log(2);

/** Places a verdict on a logarithmic scale of ratios, with 1× as a fixed point and half as far from it as twice. */
export function createVerdictScale(
  { estimate, margin, claim_range }: Pick<LabVerdict, 'estimate' | 'margin' | 'claim_range'>,
  predicted: RatioRange | null,
): VerdictScale {
  const ranges = [claim_range, ...(predicted ? [predicted] : [])];
  const ratios = [
    ...ranges.flatMap(({ from, to }) => [from, to]),
    ...(estimate ? [estimate.ratio, ...estimate.interval] : []),
    1 - margin,
    1 + margin,
  ];
  const logs = ratios.filter((ratio) => ratio !== null && ratio > 0).map((ratio) => Math.log(ratio as number));
  const low = Math.min(...logs, -SPAN_MIN);
  const high = Math.max(...logs, SPAN_MIN);
  const padding = (high - low) * PADDING;
  const at = (ratio: number) => {
    const position = (Math.log(ratio) - low + padding) / (high - low + 2 * padding);
    return Math.min(1, Math.max(0, position));
  };
  const toRange = ({ from, to }: RatioRange): ScaleRange => ({
    from: from === null || from <= 0 ? 0 : at(from),
    to: to === null ? 1 : at(to),
  });
  return {
    ticks: TICKS.filter((ratio) => Math.log(ratio) >= low - padding && Math.log(ratio) <= high + padding).map((ratio) => ({
      ratio,
      at: at(ratio),
    })),
    margin: toRange({ from: 1 - margin, to: 1 + margin }),
    predicted: predicted && toRange(predicted),
    measured: estimate && {
      at: at(estimate.ratio),
      interval: toRange({ from: estimate.interval[0], to: estimate.interval[1] }),
    },
  };
}

/** `0.52×`, `1×`, `12×`: two significant digits below ten. */
export function formatRatio(ratio: number): string {
  const text = ratio >= 10 ? ratio.toFixed(0) : ratio >= 1 ? ratio.toFixed(1) : ratio.toFixed(2);
  return `${text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')}×`;
}

/** `2×–5×`, `at least 5×`, `below 0.9×`. */
export function formatRange({ from, to }: RatioRange): string {
  if (from === null) return to === null ? 'any ratio' : `below ${formatRatio(to)}`;
  return to === null ? `at least ${formatRatio(from)}` : `${formatRatio(from)}–${formatRatio(to)}`;
}
