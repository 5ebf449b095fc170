import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type LabRun, type LabVerdict, labRunSchema } from '@prodigon/contracts/workshop';
import { formatRatio } from './format-ratio.ts';

/** A recorded run of the experiment. */
export type Recording = Pick<LabRun, 'workload' | 'verdict' | 'environment' | 'created_at'>;

/** Reads all result files of a folder; none if the folder does not exist. Throws if a file is not a result. */
export function readRecordings(folder: URL): Recording[] {
  const path = fileURLToPath(folder);
  return listFiles(path).map((name) => labRunSchema.parse(JSON.parse(readFileSync(`${path}/${name}`, 'utf8'))));
}

/** Returns a sentence about each recorded run whose effect or status differs from this verdict. */
export function describeChanges(
  { effect, status, workload }: Pick<LabVerdict, 'effect' | 'status'> & { readonly workload: string },
  recordings: readonly Recording[],
): string[] {
  return recordings.flatMap(({ workload: recorded, verdict, environment, created_at }) => {
    if (!verdict?.estimate || (verdict.effect === effect && verdict.status === status)) return [];
    const { ratio, interval } = verdict.estimate;
    const where = recorded.id === workload ? 'In an earlier run' : `With the workload “${recorded.label}”`;
    const range = `95 % interval ${formatRatio(interval[0])} to ${formatRatio(interval[1])}`;
    return [`${where}, the ratio was ${formatRatio(ratio)} (${range}), on ${environment.cpu}, ${created_at.slice(0, 10)}.`];
  });
}

function listFiles(path: string): string[] {
  try {
    return readdirSync(path)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
