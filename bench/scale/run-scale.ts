import { describeMachine, quantile } from '@prodigon/lab';
import type { PartOptions } from '../common/part-options.ts';
import { writeResult } from '../common/write-result.ts';
import { type GatewayFigures, measureGateways } from './measure-gateways.ts';
import { measureWorkers } from './measure-workers.ts';

const ROUNDS = 3;
const GATEWAY_ROUNDS = 9;
const QUICK_ROUNDS = 1;
const WORKERS = [1, 2, 4];
const GATEWAYS = [1, 2];

/** Measures items per second for each number of workers, and CPU time per request for each number of gateways, in interleaved rounds. */
export async function runScale({ isQuick, signal }: PartOptions): Promise<void> {
  const machine = describeMachine();
  const rounds = isQuick ? QUICK_ROUNDS : ROUNDS;
  const workers: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const count of rotate(WORKERS, round)) {
      signal.throwIfAborted();
      workers[count] = [...(workers[count] ?? []), await measureWorkers(count)];
    }
  }
  const gateways = await measureGateways(GATEWAYS, isQuick ? QUICK_ROUNDS : GATEWAY_ROUNDS, signal);
  const base = workers[1] ?? [];
  const workerRows = Object.entries(workers).map(([count, rates]) => ({
    workers: Number(count),
    items_per_second: summarize(rates),
    ratio_to_one: summarize(rates.map((rate, round) => rate / (base[round] ?? Number.NaN))),
  }));
  const gatewayRows = GATEWAYS.map((count) => {
    const valuesOf = (figure: keyof GatewayFigures, of = count) => (gateways.get(of) ?? []).map((figures) => figures[figure]);
    const withRatio = (figure: keyof GatewayFigures) => ({
      ...summarize(valuesOf(figure)),
      ratio_to_one: summarize(valuesOf(figure).map((value, round) => value / (valuesOf(figure, 1)[round] ?? Number.NaN))),
    });
    return {
      gateways: count,
      busiest_share: summarize(valuesOf('busiest_share')),
      saturated_requests_per_s: withRatio('saturated_requests_per_s'),
      saturated_cpu_us: withRatio('saturated_cpu_us'),
      equal_rate_per_gateway_cpu_us: withRatio('equal_rate_per_gateway_cpu_us'),
      equal_total_rate_cpu_us: withRatio('equal_total_rate_cpu_us'),
    };
  });
  process.stdout.write(`${JSON.stringify({ workerRows, gatewayRows }, null, 1)}\n`);
  if (!isQuick)
    writeResult('scale', { ...machine, rounds, workers: workerRows, gateway_rounds: GATEWAY_ROUNDS, gateways: gatewayRows });
}

const rotate = (counts: readonly number[], round: number) =>
  counts.map((_, index) => counts[(index + round) % counts.length] ?? 1);

function summarize(values: readonly number[]): { median: number; min: number; max: number } {
  const rounded = (share: number) => Number(quantile(values, share).toPrecision(4));
  return { median: rounded(0.5), min: rounded(0), max: rounded(1) };
}
