import { assertRightAnswers } from '../guards/assert-correct-responses.ts';
import { assertIdleGenerator } from '../guards/assert-idle-generator.ts';
import { readCpu as readCpuOfMachine } from '../guards/foreign-load.ts';
import { NO_PIN, type Pin } from '../processes/pin.ts';
import { measureUndisturbed } from './measure-undisturbed.ts';
import type { Arm, Figures, Measurement, RunningArm } from './variant.ts';
import { type ArmsReport, reportArms } from './variant-report.ts';

export interface MeasureArmsOptions<Running extends RunningArm> {
  readonly arms: readonly Arm<Running>[];
  readonly rounds: number;
  /** Each arm is measured in vain for at least so long before the first round. */
  readonly warmUpMs: number;
  readonly measure: (arm: Running, context: { name: string; isWarmUp: boolean; signal: AbortSignal }) => Promise<Measurement>;
  /** For figures that do not depend on how much the generator can send, e.g. CPU time a request. */
  readonly mayGeneratorSaturate?: boolean;
  readonly pin?: Pin;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** CPU time of the machine and of our processes so far. */
  readonly readCpu?: typeof readCpuOfMachine;
}

interface Contestant<Running> {
  readonly arm: Arm<RunningArm>;
  readonly running: Running;
  readonly rounds: Figures[];
}

/**
 * Starts all arms, warms each up and measures them in rounds, each round beginning with another arm, so that what
 * changes in the machine meanwhile meets all of them. Nothing is left running, however it ends. Rejects with a
 * `LabRefusal` when a guard says that the figures would mean nothing, and with the signal's reason when it is stopped.
 */
export async function measureArms<Running extends RunningArm>(options: MeasureArmsOptions<Running>): Promise<ArmsReport> {
  const { arms, pin = NO_PIN, signal = new AbortController().signal, onProgress = () => {} } = options;
  const contestants: Contestant<Running>[] = [];
  try {
    for (const arm of arms) {
      signal.throwIfAborted();
      onProgress(`starting ${arm.name}`);
      const running = await arm.start();
      contestants.push({ arm, running, rounds: [] });
      pin.underTest(running.pids);
    }
    for (const contestant of contestants) await warmUp(contestant, { ...options, signal, onProgress });
    const rounds = await measureRounds(contestants, { ...options, signal, onProgress });
    const measured = contestants.map(({ arm, rounds }) => ({ ...arm, rounds }));
    return { pinned: pin.description, ...rounds, arms: reportArms(measured) };
  } finally {
    await Promise.allSettled(contestants.map(({ running }) => running.close()));
  }
}

type Settled<Running extends RunningArm> = MeasureArmsOptions<Running> & {
  signal: AbortSignal;
  onProgress: (line: string) => void;
};

async function warmUp<Running extends RunningArm>({ arm, running }: Contestant<Running>, options: Settled<Running>) {
  const { warmUpMs, measure, signal, onProgress } = options;
  if (warmUpMs <= 0) return;
  onProgress(`warming up ${arm.name}`);
  const endsAt = performance.now() + warmUpMs;
  while (performance.now() < endsAt) {
    signal.throwIfAborted();
    const { loads } = await measure(running, { name: arm.name, isWarmUp: true, signal });
    for (const load of loads) assertRightAnswers(arm.name, load);
  }
}

async function measureRounds<Running extends RunningArm>(contestants: readonly Contestant<Running>[], options: Settled<Running>) {
  const { rounds, signal, onProgress } = options;
  let foreignCpuShareMax: number | null = null;
  let repeatedRounds = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const contestant = contestants[(turn + round) % contestants.length];
      if (!contestant) continue;
      signal.throwIfAborted();
      const { result, attempts, foreignCpuShare } = await measureOnce(contestant, options);
      contestant.rounds.push(result.figures);
      repeatedRounds += attempts - 1;
      if (foreignCpuShare !== null) foreignCpuShareMax = Math.max(foreignCpuShareMax ?? 0, foreignCpuShare);
      onProgress(`round ${round + 1} of ${rounds}: ${contestant.arm.name} ${describeFigures(result.figures)}`);
    }
  }
  return { foreignCpuShareMax, repeatedRounds };
}

async function measureOnce<Running extends RunningArm>(
  { arm: { name }, running }: Contestant<Running>,
  options: Settled<Running>,
) {
  const { measure, mayGeneratorSaturate, signal, onProgress, readCpu = readCpuOfMachine } = options;
  const measured = await measureUndisturbed({
    name,
    readCpu: () => readCpu(running.pids),
    onDisturbed: onProgress,
    async measure() {
      signal.throwIfAborted();
      const measurement = await measure(running, { name, isWarmUp: false, signal });
      for (const load of measurement.loads) assertRightAnswers(name, load);
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
