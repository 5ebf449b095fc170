import { assertCorrectResponses } from '../checks/assert-correct-responses.ts';
import { assertIdleGenerator } from '../checks/assert-idle-generator.ts';
import { readCpu as readCpuOfMachine } from '../checks/foreign-load.ts';
import { NO_PIN, type Pin } from '../processes/pin.ts';
import { measureUndisturbed } from './measure-undisturbed.ts';
import type { Figures, Measurement, RunningVariant, Variant } from './variant.ts';
import { type MeasurementReport, reportVariants } from './variant-report.ts';

export interface MeasureVariantsOptions<Running extends RunningVariant> {
  readonly variants: readonly Variant<Running>[];
  readonly rounds: number;
  /** Minimum warm-up of each variant before the first round, without recording figures. */
  readonly warmUpMs: number;
  readonly measure: (variant: Running, context: { name: string; isWarmUp: boolean; signal: AbortSignal }) => Promise<Measurement>;
  /** Set for figures that do not depend on the capacity of the generator, e.g. CPU time per request. */
  readonly mayGeneratorSaturate?: boolean;
  readonly pin?: Pin;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Reads the CPU time of the machine and of the measurement so far. */
  readonly readCpu?: typeof readCpuOfMachine;
}

interface Candidate<Running> {
  readonly variant: Variant<RunningVariant>;
  readonly running: Running;
  readonly rounds: Figures[];
}

/**
 * Starts all variants, warms them up and measures them in interleaved rounds. Each round starts with another variant, so
 * that changes of the machine affect all of them. Closes all variants on success and failure. Rejects with a
 * `MeasurementRejectedError` for an invalid measurement, and with the reason of an aborted signal.
 */
export async function measureVariants<Running extends RunningVariant>(
  options: MeasureVariantsOptions<Running>,
): Promise<MeasurementReport> {
  const { variants, pin = NO_PIN, signal = new AbortController().signal, onProgress = () => {} } = options;
  const candidates: Candidate<Running>[] = [];
  try {
    for (const variant of variants) {
      signal.throwIfAborted();
      onProgress(`starting ${variant.name}`);
      const running = await variant.start();
      candidates.push({ variant, running, rounds: [] });
      pin.underTest(running.pids);
    }
    for (const candidate of candidates) await warmUp(candidate, { ...options, signal, onProgress });
    const rounds = await measureRounds(candidates, { ...options, signal, onProgress });
    const measured = candidates.map(({ variant, rounds }) => ({ ...variant, rounds }));
    return { pinned: pin.description, ...rounds, variants: reportVariants(measured) };
  } finally {
    await Promise.allSettled(candidates.map(({ running }) => running.close()));
  }
}

type ResolvedOptions<Running extends RunningVariant> = MeasureVariantsOptions<Running> & {
  signal: AbortSignal;
  onProgress: (line: string) => void;
};

async function warmUp<Running extends RunningVariant>(
  { variant, running }: Candidate<Running>,
  options: ResolvedOptions<Running>,
) {
  const { warmUpMs, measure, signal, onProgress } = options;
  if (warmUpMs <= 0) return;
  onProgress(`warming up ${variant.name}`);
  const endsAt = performance.now() + warmUpMs;
  while (performance.now() < endsAt) {
    signal.throwIfAborted();
    const { loads } = await measure(running, { name: variant.name, isWarmUp: true, signal });
    for (const load of loads) assertCorrectResponses(variant.name, load);
  }
}

async function measureRounds<Running extends RunningVariant>(
  candidates: readonly Candidate<Running>[],
  options: ResolvedOptions<Running>,
) {
  const { rounds, signal, onProgress } = options;
  let foreignCpuShareMax: number | null = null;
  let repeatedRounds = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < candidates.length; turn += 1) {
      const candidate = candidates[(turn + round) % candidates.length];
      if (!candidate) continue;
      signal.throwIfAborted();
      const { result, attempts, foreignCpuShare } = await measureOnce(candidate, options);
      candidate.rounds.push(result.figures);
      repeatedRounds += attempts - 1;
      if (foreignCpuShare !== null) foreignCpuShareMax = Math.max(foreignCpuShareMax ?? 0, foreignCpuShare);
      onProgress(`round ${round + 1} of ${rounds}: ${candidate.variant.name} ${describeFigures(result.figures)}`);
    }
  }
  return { foreignCpuShareMax, repeatedRounds };
}

async function measureOnce<Running extends RunningVariant>(
  { variant: { name }, running }: Candidate<Running>,
  options: ResolvedOptions<Running>,
) {
  const { measure, mayGeneratorSaturate, signal, onProgress, readCpu = readCpuOfMachine } = options;
  const measured = await measureUndisturbed({
    name,
    readCpu: () => readCpu(running.pids),
    onDisturbed: onProgress,
    async measure() {
      signal.throwIfAborted();
      const measurement = await measure(running, { name, isWarmUp: false, signal });
      for (const load of measurement.loads) assertCorrectResponses(name, load);
      return measurement;
    },
  });
  if (!mayGeneratorSaturate) for (const load of measured.result.loads) assertIdleGenerator(name, load);
  return measured;
}

function describeFigures(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(3)).toLocaleString('en')}`)
    .join(', ');
}
