/** Preloaded with `--import`, shifts the clock of a process by TEST_CLOCK_SHIFT_MS. */
const RealDate = Date;
const shiftMs = Number(process.env.TEST_CLOCK_SHIFT_MS);

class ShiftedDate extends RealDate {
  constructor(...parameters: unknown[]) {
    super(...((parameters.length === 0 ? [RealDate.now() + shiftMs] : parameters) as [number]));
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}
globalThis.Date = ShiftedDate as DateConstructor;
