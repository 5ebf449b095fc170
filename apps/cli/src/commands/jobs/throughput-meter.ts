/** The rate counts the prompts that finished within this time. */
const WINDOW_MS = 10_000;

/** Creates a meter of finished prompts per second. */
export function createThroughputMeter(now: () => number) {
  const samples: { at: number; finished: number }[] = [];
  return {
    record(finished: number): void {
      samples.push({ at: now(), finished });
      // Keeps the newest sample before the window, from which the rate is measured.
      while (samples[1] && now() - samples[1].at >= WINDOW_MS) samples.shift();
    },
    /** Returns undefined until there are samples of two different times. */
    perSecond(): number | undefined {
      const [first] = samples;
      const last = samples.at(-1);
      if (!first || !last || last.at === first.at) return undefined;
      return Math.max(0, ((last.finished - first.finished) * 1000) / (last.at - first.at));
    },
  };
}
