import module from 'node:module';
import { resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { CONFIGURATION_REPORTED_VARIABLE } from '../config/dot-env.ts';
import { resolveInternalToken } from '../config/internal-token.ts';
import { ConfigurationError, EXIT_CONFIGURATION } from '../config/load-configuration.ts';
import { loadPlatformConfiguration } from '../config/load-platform-configuration.ts';
import { secretsOf } from '../config/settings.ts';
import type { GrpcServer } from '../grpc/create-grpc-server.ts';
import { REPOSITORY_ROOT, VERSION } from '../repository.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { type ConnectionHandoff, receiveConnections } from './connection-handoff.ts';
import { dropPrivileges, isRoot, SERVICE_USER_VARIABLE } from './drop-privileges.ts';
import { createLifecycle, type Lifecycle } from './graceful-shutdown.ts';
import { OWN_HOST, OWN_PORT_VARIABLE } from './handoff-messages.ts';
import { setProcessName } from './process-name.ts';

/** Loads the configuration and creates the logger, metrics and lifecycle of a process. Throws a `ConfigurationError`. */
export function prepareProcess({ service, env }: { service: string; env: NodeJS.ProcessEnv }) {
  const { configuration, models, providers, warnings } = loadPlatformConfiguration({ env, directory: REPOSITORY_ROOT });
  // A relative data directory is relative to the repository root, independent of the working directory.
  const dataDirectory = resolve(REPOSITORY_ROOT, configuration.DATA_DIR);
  const internalToken = resolveInternalToken(configuration.INTERNAL_TOKEN, dataDirectory);
  const secrets = [...secretsOf(configuration), ...providers.flatMap(({ secrets }) => secrets), internalToken];
  const logger = createLogger({ service, level: configuration.LOG_LEVEL, secrets });
  if (isReporter(env)) for (const warning of warnings) logger.warn(warning);
  const lifecycle = createLifecycle({
    // Clients of the other services try another replica immediately.
    noticeMs: PUBLIC_SERVICES.has(service) ? configuration.DRAIN_NOTICE_MS : 0,
    drainTimeoutMs: configuration.DRAIN_TIMEOUT_MS,
  });
  const identity = { version: VERSION, environment: configuration.ENVIRONMENT };
  return {
    configuration,
    dataDirectory,
    models,
    providers,
    internalToken,
    logger,
    metrics: createMetrics(),
    lifecycle,
    identity,
  };
}

/** The services behind a load balancer. */
const PUBLIC_SERVICES: ReadonlySet<string> = new Set(['gateway', 'monolith']);

const isReporter = (env: NodeJS.ProcessEnv) => env[CONFIGURATION_REPORTED_VARIABLE] === undefined;

export type PreparedProcess = ReturnType<typeof prepareProcess>;

export interface ProcessParts {
  readonly service: string;
  readonly server: FastifyInstance;
  readonly host: string;
  readonly port: number;
  /** The setting that an error message names when the port is taken. */
  readonly portVariable: string;
  /** The server of a process that also speaks gRPC. */
  readonly grpc?: SecondaryListener;
  /** The server for other processes of the same service. It listens before `server`. */
  readonly internal?: SecondaryListener & { readonly host: string };
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  /** Called in sequence after the server has closed. */
  readonly closers?: readonly (() => Promise<void>)[];
}

export interface SecondaryListener {
  readonly server: Pick<GrpcServer, 'listen' | 'close'>;
  /** Undefined for the first free port from `defaultPort` on. */
  readonly port: number | undefined;
  readonly defaultPort: number;
  readonly portVariable: string;
}

/**
 * Runs one service as a process: listens, gives up the rights of root, notifies its supervisor, drains on SIGTERM (or
 * SIGINT, or when the supervisor dies) and exits. Prints one sentence without a stack trace when the process cannot start.
 */
export async function runProcess(build: () => Promise<ProcessParts>, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const isSupervised = process.connected === true;
  // Node reads the IPC channel only while it has a listener. Without one it would not detect the death of the supervisor.
  process.on('disconnect', () => {});
  try {
    const parts = atOwnAddress(await build(), env);
    setProcessName(`prodigon-${parts.service}`);
    exitOnUncaughtException(parts.logger);
    const handoff = env[OWN_PORT_VARIABLE] && isSupervised ? receiveConnections(parts.server.server) : undefined;
    // A signal may arrive as soon as the supervisor knows that the process is ready.
    drainOnSignal(parts, { isSupervised, handoff });
    await listen(parts, env);
    // With NODE_COMPILE_CACHE set, a process that is killed later would leave no cache for the next start.
    module.flushCompileCache();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1);
  }
}

/** A gateway that shares its port listens only at its own address. The supervisor sends it the connections of the port. */
function atOwnAddress(parts: ProcessParts, env: NodeJS.ProcessEnv): ProcessParts {
  const port = env[OWN_PORT_VARIABLE];
  return port === undefined ? parts : { ...parts, host: OWN_HOST, port: Number(port) };
}

/** Node would print the whole error, whose message may quote a prompt. */
function exitOnUncaughtException(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'The process ends after an uncaught exception');
    logger.flush();
    process.exit(1);
  });
}

const ROOT_WARNING = `This service keeps running as root. Start it as another user, or set ${SERVICE_USER_VARIABLE} to a user id and a group id, for example 1000:1000`;

async function listen(parts: ProcessParts, env: NodeJS.ProcessEnv): Promise<void> {
  const { service, server, host, port, portVariable, grpc, internal, logger } = parts;
  try {
    const forGateways = internal && (await listenBeside(internal, { service, host: internal.host, purpose: 'other gateways' }));
    const url = await server.listen({ host, port, backlog: 4096 });
    // A supervisor reports why its services keep running as root.
    if (!dropPrivileges(env) && isRoot() && !process.connected) logger.warn(ROOT_WARNING);
    logger.info({ url }, `${service} listens on ${url}`);
    forGateways?.report(logger);
    const forGrpc = grpc && (await listenBeside(grpc, { service, host, purpose: 'gRPC' }));
    forGrpc?.report(logger);
    // The callback ignores a send error after the supervisor has died; `drainOnSignal` handles that case.
    if (process.connected) process.send?.({ type: 'ready', service, url, grpcUrl: forGrpc?.url }, undefined, undefined, () => {});
  } catch (error) {
    throw toPortError(error, { host, port, portVariable });
  }
}

/** The number of ports that a service tries before it takes any free one. */
const PORTS_TRIED_MAX = 32;

interface SecondaryAddress {
  readonly url: string;
  /** Logs the URL, with a warning if another program has the default port. */
  report(logger: Logger): void;
}

/** Listens on the configured port, or on the first free one from the default on. */
async function listenBeside(
  { server, port, defaultPort, portVariable }: SecondaryListener,
  { service, host, purpose }: Pick<ProcessParts, 'service' | 'host'> & { purpose: string },
): Promise<SecondaryAddress> {
  const ports =
    port === undefined ? Array.from({ length: PORTS_TRIED_MAX }, (_, index) => defaultPort + index).concat(0) : [port];
  for (const each of ports) {
    try {
      const bound = await server.listen({ host, port: each });
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
      const isOther = port === undefined && bound !== defaultPort;
      return {
        url,
        report(logger) {
          if (!isOther) return logger.info({ url }, `${service} serves ${purpose} on ${url}`);
          const message = `Port ${defaultPort} is taken, so ${service} serves ${purpose} on ${url}. Set ${portVariable} to choose`;
          logger.warn({ url }, message);
        },
      };
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (port !== undefined || !isTaken) throw toPortError(error, { host, port: each, portVariable });
    }
  }
  throw new Error('The system has no free port');
}

/** Returns the error that explains why a process cannot listen. */
function toPortError(
  error: unknown,
  { host, port, portVariable }: Pick<ProcessParts, 'host' | 'port' | 'portVariable'>,
): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new ConfigurationError([`Port ${port} on ${host} is taken by another program: set ${portVariable} to a free port`]);
  if (code === 'EACCES')
    return new ConfigurationError([`Port ${port} needs more rights than this process has: set ${portVariable} above 1023`]);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new ConfigurationError([`${host} is not an address of this machine`]);
  return error;
}

function drainOnSignal(
  { server, grpc, internal, lifecycle, logger, closers = [] }: ProcessParts,
  { isSupervised, handoff }: { isSupervised: boolean; handoff: ConnectionHandoff | undefined },
): void {
  let isStopping = false;
  const stop = async (reason: string) => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ open_calls: lifecycle.activeCalls }, `${reason}: draining ${lifecycle.activeCalls} open calls`);
    await handoff?.detach();
    await lifecycle.drain();
    await Promise.all([server.close(), grpc?.server.close(), internal?.server.close()]);
    for (const close of closers) await close();
    logger.flush();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  // Ctrl-C signals every process of a terminal, but a supervisor stops its processes in order.
  process.on('SIGINT', () => void (isSupervised || stop('SIGINT')));
  process.on('disconnect', () => void stop('The supervisor died'));
  // The supervisor may have died during the start.
  if (isSupervised && !process.connected) void stop('The supervisor died');
}
