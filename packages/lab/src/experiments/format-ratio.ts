/** Returns a ratio with two significant digits, e.g. `0.62`, `1.0` or `12`. */
export function formatRatio(ratio: number): string {
  return ratio >= 99.5 ? Math.round(ratio).toLocaleString('en') : ratio.toPrecision(2);
}
