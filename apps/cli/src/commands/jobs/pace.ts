/** What was settled within this time makes the pace. */
const WINDOW_MS = 10_000;

/** How fast prompts are settled, from how many there were at which times. */
export function createPace(now: () => number) {
  const samples: { at: number; settled: number }[] = [];
  return {
    record(settled: number): void {
      samples.push({ at: now(), settled });
      // The newest sample that is older than the window stays: the pace is measured from there.
      while (samples[1] && now() - samples[1].at >= WINDOW_MS) samples.shift();
    },
    /** Undefined until two moments can be compared. */
    perSecond(): number | undefined {
      const [first] = samples;
      const last = samples.at(-1);
      if (!first || !last || last.at === first.at) return undefined;
      return Math.max(0, ((last.settled - first.settled) * 1000) / (last.at - first.at));
    },
  };
}
