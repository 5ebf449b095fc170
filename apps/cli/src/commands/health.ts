import { AppError, type ServiceStatus } from '@prodigon/contracts';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../command-line-arguments.ts';
import { formatTable } from '../format-table.ts';
import { connect, explainUnreachable } from '../gateway-connection.ts';

const RESPONSE_TIMEOUT_MS = 10_000;

export const healthCommand: Command = {
  name: 'health',
  summary: 'show the health of each service and the database',
  usage:
    '  --url <url>   the gateway to use; the local one by default\n\n  Exits with 1 when a service or the database is down or not ready, or when the gateway is unreachable.',
  async run(args, context) {
    const { values } = parseCommandLine({ args, options: { url: { type: 'string' } } });
    const { client, url } = connect(context, values.url);
    const overview = await client.overview(AbortSignal.timeout(RESPONSE_TIMEOUT_MS)).catch((error: unknown) => {
      throw explain(error, url);
    });
    const { version, topology, environment, services, streams } = overview;
    context.stdout.write(
      `Prodigon ${version} (${topology}, ${environment}) at ${url}, ${streams.active} of ${streams.max} streams open\n`,
    );
    context.stdout.write(`${formatTable(services.map(toRow))}\n`);
    return services.every(({ status }) => status === 'up' || status === 'draining') ? 0 : 1;
  },
};

function toRow({ name, status, latency_ms, pid, uptime_s, detail }: ServiceStatus): string[] {
  return [
    name,
    status === 'unready' ? 'not ready' : status,
    latency_ms === null ? '' : `${latency_ms.toFixed(1)} ms`,
    pid === null ? '' : `pid ${pid}`,
    uptime_s === null ? '' : `up ${Math.round(uptime_s)} s`,
    detail ?? '',
  ];
}

function explain(error: unknown, url: string): unknown {
  if (error instanceof DOMException)
    return new AppError('DEADLINE_EXCEEDED', `The gateway at ${url} did not respond within 10 s.`);
  return explainUnreachable(error, url);
}
