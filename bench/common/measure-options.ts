import type { PartOptions } from './part-options.ts';

const ROUNDS = 5;
const WARM_UP_MS = 10_000;
const QUICK = { rounds: 3, warmUpMs: 2_000 };

/** Returns the options of `measureVariants` that the command line determines. */
export function measureOptions({ isQuick, toleratesLoad, signal }: PartOptions) {
  return {
    rounds: isQuick ? QUICK.rounds : ROUNDS,
    warmUpMs: isQuick ? QUICK.warmUpMs : WARM_UP_MS,
    onProgress: (line: string) => void process.stdout.write(`${line}\n`),
    signal,
    ...(toleratesLoad && { readCpu: () => null, mayGeneratorSaturate: true }),
  };
}
