/** Returns values in [0, 1). */
export type Random = () => number;

/** Creates the seeded generator Mulberry32, so that a seed repeats an order or a resampling. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Returns the values in a random order (Fisher–Yates). */
export function shuffle<Value>(values: readonly Value[], random: Random): Value[] {
  const rest = [...values];
  return values.flatMap(() => rest.splice(Math.floor(random() * rest.length), 1));
}
