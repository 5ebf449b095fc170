import { FOREIGN_PROCESS } from '../load/generator/check-response.ts';
import type { LoadResult } from '../load/load-result.ts';
import { MeasurementRejectedError } from './measurement-rejected-error.ts';

/** Throws a `MeasurementRejectedError` when a load received a wrong response, a response from a foreign process, or none. */
export function assertCorrectResponses(name: string, { responses, rejections, unfinished, wrong }: LoadResult): void {
  const foreign = wrong.reasons[FOREIGN_PROCESS] ?? 0;
  if (foreign > 0)
    throw new MeasurementRejectedError(
      `${name}: ${foreign} responses came from a process that is not under test. Another program listens on this address.`,
    );
  if (wrong.count > 0) {
    const reasons = Object.entries(wrong.reasons).sort(([, one], [, other]) => other - one);
    const list = reasons.slice(0, 3).map(([reason, count]) => `${reason} (${count})`);
    throw new MeasurementRejectedError(`${name}: ${wrong.count} responses were wrong: ${list.join(', ')}.`);
  }
  if (responses + rejections.count + unfinished === 0)
    throw new MeasurementRejectedError(`${name}: the load received no response.`);
}
