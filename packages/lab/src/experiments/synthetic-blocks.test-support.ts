import type { Random } from '../random.ts';

/** Share of the spread of neighboring measurements that they have in common. */
const AUTOCORRELATION = 0.7;
const MACHINE_SPREAD = 0.05;
const BLOCK_SPREAD = 0.03;
/** A program that starts in the background slows a measurement down. */
const OUTLIER_SHARE = 0.03;
const OUTLIER_FACTOR = 1.15;

/**
 * Returns values of two arms as a run of a busy machine yields them: drift, autocorrelated noise of the machine, noise of each
 * measurement, rare outliers.
 */
export function createSyntheticBlocks({ blocks, ratio, random }: { blocks: number; ratio: number; random: Random }) {
  const drift = (random() - 0.5) * 0.3;
  const measurements = blocks * 2;
  let machine = normal(random) * MACHINE_SPREAD;
  const values = { subject: [] as number[], baseline: [] as number[] };
  for (let index = 0; index < measurements; index += 1) {
    machine = AUTOCORRELATION * machine + Math.sqrt(1 - AUTOCORRELATION ** 2) * MACHINE_SPREAD * normal(random);
    const logarithm = (drift * index) / measurements + machine + normal(random) * BLOCK_SPREAD;
    const isSubject = index % 4 === 0 || index % 4 === 3;
    const factor = (isSubject ? ratio : 1) / (random() < OUTLIER_SHARE ? OUTLIER_FACTOR : 1);
    values[isSubject ? 'subject' : 'baseline'].push(1_000 * Math.exp(logarithm) * factor);
  }
  return values;
}

/** Box–Muller transform. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
