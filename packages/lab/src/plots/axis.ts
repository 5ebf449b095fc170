const TICKS_WANTED = 5;

export interface Axis {
  /** Round values from the start of the axis to its end. */
  readonly ticks: readonly number[];
  /** Returns the position of a value in pixels. */
  place(value: number): number;
}

/** Creates an axis with steps of 1, 2 or 5 times a power of ten. It starts at 0 unless a value is negative. */
export function createAxis(values: readonly number[], pixels: readonly [number, number]): Axis {
  const low = Math.min(0, ...values);
  const high = Math.max(...values);
  const span = high > low ? high - low : 1;
  const step = roundStep(span / TICKS_WANTED);
  const first = Math.floor(low / step);
  const last = Math.ceil((low + span) / step);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
  const [from, to] = pixels;
  const scale = (to - from) / ((last - first) * step);
  return { ticks, place: (value) => from + (value - first * step) * scale };
}

function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5].find((each) => each * power >= step) ?? 10;
  return factor * power;
}

/** Formats a value with at most three significant digits below 1,000, e.g. `12,700` or `0.144`. */
export const formatValue = (value: number) =>
  (Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString('en');
