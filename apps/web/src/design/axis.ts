/** The maximum of an axis: the smallest of 1, 2, 5, 10, 20, … that is not below the value. */
export function axisMax(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((step) => step * power >= value * (1 - Number.EPSILON)) ?? 10;
  return step * power;
}
