import { AppError, type ServiceStatus } from '@prodigon/contracts';
import { type CommandContext, defineCommand } from '../command.ts';
import { JSON_OPTION, URL_OPTION } from '../command-line-arguments.ts';
import { formatSeconds } from '../format-numbers.ts';
import { formatTable } from '../format-table.ts';
import { connect, explainUnreachable } from '../gateway-connection.ts';
import { writeJson } from '../write-json.ts';

const RESPONSE_TIMEOUT_MS = 10_000;

export const healthCommand = defineCommand({
  name: 'health',
  summary: 'show the health of each service and the database',
  options: { ...JSON_OPTION, ...URL_OPTION },
  notes: ['Exits with 1 if a service or the database is down or not ready, or if the gateway is unreachable.'],
  async run({ values }, context) {
    const { client, url } = connect(context, values.url);
    const overview = await client.overview(AbortSignal.timeout(RESPONSE_TIMEOUT_MS)).catch((error: unknown) => {
      throw explain(error, url, context);
    });
    const { version, topology, environment, services, streams } = overview;
    if (values.json) writeJson(overview, context);
    else
      context.stdout.write(
        `Prodigon ${version} (${topology}, ${environment}) at ${url}, ${streams.active} of ${streams.max} streams open\n` +
          `${formatTable(services.map(toRow), headings(services))}\n`,
      );
    return services.every(({ status }) => status === 'up' || status === 'draining') ? 0 : 1;
  },
});

const headings = (services: readonly ServiceStatus[]) => [
  ...['SERVICE', 'STATUS', 'LATENCY'],
  services.some(({ hostname }) => hostname !== undefined) ? 'CONTAINER' : 'PID',
  ...['UPTIME', 'DETAIL'],
];

function toRow({ name, status, latency_ms, pid, hostname, uptime_s, detail }: ServiceStatus): string[] {
  return [
    name,
    status === 'unready' ? 'not ready' : status,
    latency_ms === null ? '' : `${latency_ms.toFixed(1)} ms`,
    hostname ?? pid?.toString() ?? '',
    uptime_s === null ? '' : formatSeconds(uptime_s),
    detail ?? '',
  ];
}

function explain(error: unknown, url: string, context: CommandContext): unknown {
  if (error instanceof DOMException)
    return new AppError('DEADLINE_EXCEEDED', `The gateway at ${url} did not respond within 10 s.`);
  return explainUnreachable(error, url, context);
}
