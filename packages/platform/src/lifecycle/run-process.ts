import module from 'node:module';
import type { FastifyInstance } from 'fastify';
import { ConfigurationError, EXIT_CONFIGURATION } from '../config/load-configuration.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Lifecycle } from './graceful-shutdown.ts';

export interface ProcessParts {
  service: string;
  server: FastifyInstance;
  host: string;
  port: number;
  /** Name of the variable that sets the port, for the sentence when it is taken. */
  portVariable: string;
  lifecycle: Lifecycle;
  logger: Logger;
  /** What else to close once the server is closed, in this order. */
  closers?: readonly (() => Promise<void>)[];
}

/**
 * Runs one service as a process: listens, tells a supervisor, drains on SIGTERM (or SIGINT, or when the
 * supervisor has died) and exits. What keeps it from starting is said in one sentence, without a stack.
 */
export async function runProcess(build: () => Promise<ProcessParts>): Promise<void> {
  const isSupervised = process.connected === true;
  // Without a listener Node does not look at the channel, and would not notice that the supervisor has gone meanwhile.
  process.on('disconnect', () => {});
  try {
    const parts = await build();
    await listen(parts);
    stopOnSignal(parts, isSupervised);
    // Where `NODE_COMPILE_CACHE` is set: who is killed later would leave nothing for the next start.
    module.flushCompileCache();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1);
  }
}

async function listen({ service, server, host, port, portVariable, logger }: ProcessParts): Promise<void> {
  try {
    const url = await server.listen({ host, port, backlog: 4096 });
    logger.info({ url }, `${service} listens on ${url}`);
    // With a callback, a supervisor that is gone is an error to ignore here; `stopOnSignal` deals with it.
    if (process.connected) process.send?.({ type: 'ready', service, url }, undefined, undefined, () => {});
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new ConfigurationError([`Port ${port} on ${host} is taken by another program: set ${portVariable} to a free port`]);
    if (code === 'EACCES')
      throw new ConfigurationError([`Port ${port} needs more rights than this process has: set ${portVariable} above 1023`]);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new ConfigurationError([`${host} is not an address of this machine`]);
    throw error;
  }
}

function stopOnSignal({ server, lifecycle, logger, closers = [] }: ProcessParts, isSupervised: boolean): void {
  let isStopping = false;
  const stop = async (why: string) => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ open_calls: lifecycle.activeCalls }, `${why}: finishing ${lifecycle.activeCalls} open answers`);
    await lifecycle.drain();
    await server.close();
    for (const close of closers) await close();
    logger.flush();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  // Ctrl-C reaches every process of a terminal; under a supervisor, it decides who stops first.
  process.on('SIGINT', () => void (isSupervised || stop('SIGINT')));
  process.on('disconnect', () => void stop('The supervisor has gone'));
  // It may have gone while we were getting ready.
  if (isSupervised && !process.connected) void stop('The supervisor has gone');
}
