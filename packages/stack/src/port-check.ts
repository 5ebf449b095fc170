import { type AddressInfo, createServer, type Server } from 'node:net';
import { EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { StackError } from './stack-error.ts';

export interface PortToCheck {
  readonly host: string;
  readonly hostVariable: string;
  readonly port: number;
  readonly portVariable: string;
  /** The option that determines the port instead of the variable. */
  readonly portOption?: string;
}

/** Throws a `StackError` (78) that explains the fix when a service cannot listen on the port. Port 0 always passes. */
export async function assertPortFree(address: PortToCheck): Promise<void> {
  if (address.port === 0) return;
  const code = await tryToListen(address.host, address.port);
  if (code !== null) throw new StackError(explainPortError(code, address), EXIT_CONFIGURATION);
}

const PORT_MAX = 65_535;

/**
 * Returns the port of an address if a service can listen there, otherwise the next free one. For port 0, returns any free
 * port. Throws a `StackError` (78) for an error other than a port in use.
 */
export async function findFreePort(address: PortToCheck): Promise<number> {
  if (address.port === 0) return (await findFreePorts(address.host, 1))[0] ?? 0;
  for (let port = address.port; port <= PORT_MAX; port += 1) {
    const code = await tryToListen(address.host, port);
    if (code === null) return port;
    if (code !== 'EADDRINUSE') throw new StackError(explainPortError(code, { ...address, port }), EXIT_CONFIGURATION);
  }
  throw new StackError(explainPortError('EADDRINUSE', address), EXIT_CONFIGURATION);
}

/** Returns different ports that the system assigns. */
export async function findFreePorts(host: string, count: number): Promise<number[]> {
  // All of them are open at the same time, so that the system assigns none twice.
  const servers = await Promise.all(Array.from({ length: count }, () => listenOnAnyPort(host)));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listenOnAnyPort(host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen({ host, port: 0 }, () => resolve(server));
  });
}

function tryToListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** Returns a sentence for the operator about the error code of `listen`. */
export function explainPortError(code: string, { host, hostVariable, port, portVariable, portOption }: PortToCheck): string {
  if (portOption) return `Port ${port} of ${portOption} cannot be used (${code}). Choose another one.`;
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program. Stop it, or set ${portVariable} to a free port.`;
  if (code === 'EACCES') return `This user may not listen on port ${port}. Set ${portVariable} to a port above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `${hostVariable} is ${host}, which is not an address of this machine.`;
  return `Prodigon cannot listen on ${host}, port ${port} (${code}). Check ${hostVariable} and ${portVariable}.`;
}
