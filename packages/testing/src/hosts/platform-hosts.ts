import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type FaultProvider, startFaultProvider } from '../fault-provider/fault-provider.ts';
import { scratchDirectory } from '../shared-resources.ts';
import { createNetwork, type Network, type NetworkHost } from './network-namespaces.ts';
import { createPostgresHost } from './postgres-host.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const COMMAND = join(ROOT, 'apps/cli/bin/prodigon.mjs');
/** The level of the log message of an uncaught exception. */
const FATAL = '"level":60';
export const API_KEY = 'key-of-several-hosts-0123456789';

/** The hosts of the platform with the last byte of their addresses, as in docs/operations/scale.md. */
export const PLATFORM_HOSTS = {
  postgres: 5,
  'gateway-1': 11,
  'gateway-2': 12,
  'model-1': 21,
  'model-2': 22,
  'worker-1': 31,
  'worker-2': 32,
  'worker-3': 33,
} as const;
export type PlatformHostName = keyof typeof PLATFORM_HOSTS;
export type HostName = PlatformHostName | 'provider' | 'client';

export interface PlatformHosts {
  readonly network: Network;
  readonly hosts: Readonly<Record<HostName, NetworkHost>>;
  readonly provider: FaultProvider;
  /** The base URLs of the gateways. */
  readonly gatewayUrls: readonly string[];
  /** Starts the processes of a host, and resolves when its service is ready. */
  start(name: PlatformHostName): Promise<void>;
  /** Returns the hosts on which a process has ended with an unexpected error. */
  crashed(): PlatformHostName[];
  close(): Promise<void>;
}

/** Starts the platform on eight hosts, and a provider that records its calls on a ninth address. The client has a tenth one. */
export async function startPlatformHosts(): Promise<PlatformHosts> {
  const network = createNetwork();
  const hosts = {
    client: network.addLocalAddress('client', 1),
    provider: network.addLocalAddress('provider', 9),
    ...Object.fromEntries(Object.entries(PLATFORM_HOSTS).map(([name, byte]) => [name, network.addHost(name, byte)])),
  } as Record<HostName, NetworkHost>;
  const provider = await startFaultProvider({ host: hosts.provider.address });
  const close = async () => {
    network.close();
    await provider.close();
  };
  try {
    const postgres = await createPostgresHost(network, hosts.postgres);
    const urls = (names: readonly HostName[], port: number) => names.map((name) => `http://${hosts[name].address}:${port}`);
    const gatewayUrls = urls(['gateway-1', 'gateway-2'], 8000);
    const shared = {
      PATH: process.env.PATH ?? '',
      INTERNAL_TOKEN: 'token-of-several-hosts-0123456789',
      DATABASE_URL: postgres.url,
      API_KEYS: API_KEY,
      OPENAI_BASE_URL: provider.baseUrl,
      MODEL_SERVICE_URL: urls(['model-1', 'model-2'], 8001).join(),
      WORKER_SERVICE_URL: urls(['worker-1', 'worker-2', 'worker-3'], 8002).join(),
      GATEWAY_SERVICE_URL: gatewayUrls.join(),
    };
    const folders = new Map<PlatformHostName, string>();

    async function startService(name: PlatformHostName): Promise<void> {
      const service = name.slice(0, name.indexOf('-'));
      const { address, commandPrefix } = hosts[name];
      const folder = folders.get(name) ?? createFolder();
      folders.set(name, folder);
      const log = openSync(join(folder, 'output.log'), 'a');
      const [program = '', ...parameters] = [...commandPrefix, process.execPath, COMMAND, 'start', '--only', service];
      const { MODEL_SERVICE_URL, WORKER_SERVICE_URL, GATEWAY_SERVICE_URL, OPENAI_BASE_URL, ...common } = shared;
      const own = {
        model: { INTERNAL_HOST: address, OPENAI_BASE_URL },
        worker: { INTERNAL_HOST: address, MODEL_SERVICE_URL },
        gateway: { HOST: address, MODEL_SERVICE_URL, WORKER_SERVICE_URL, GATEWAY_SERVICE_URL },
      }[service];
      const child = spawn(program, parameters, {
        cwd: folder,
        env: { ...common, ...own, DATA_DIR: join(folder, 'data') },
        stdio: ['ignore', log, log],
      });
      const state = { hasExited: false };
      child.once('exit', () => (state.hasExited = true));
      const port = { model: 8001, worker: 8002, gateway: 8000 }[service];
      while (!(await isReady(`http://${address}:${port}`))) {
        if (state.hasExited) throw new Error(`${name} has exited:\n${readFileSync(join(folder, 'output.log'), 'utf8')}`);
        await wait(100);
      }
    }

    const start = (name: PlatformHostName) => (name === 'postgres' ? postgres.start() : startService(name));
    await start('postgres');
    // The first worker creates the tables.
    await start('worker-1');
    const others = Object.keys(PLATFORM_HOSTS).filter((name) => !['postgres', 'worker-1'].includes(name));
    await Promise.all(others.map((name) => start(name as PlatformHostName)));
    const hasCrashed = (folder: string) => readFileSync(join(folder, 'output.log'), 'utf8').includes(FATAL);
    const crashed = () => [...folders].filter(([, folder]) => hasCrashed(folder)).map(([name]) => name);
    return { network, hosts, provider, gatewayUrls, start, crashed, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

function createFolder(): string {
  const folder = mkdtempSync(join(scratchDirectory(), 'prodigon-host-'));
  // Under root, the services run as another user, which must be able to traverse this folder.
  chmodSync(folder, 0o711);
  return folder;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
