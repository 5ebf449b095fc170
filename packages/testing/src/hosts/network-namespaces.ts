import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { ensureProgram } from '../find-program.ts';

/** One machine of the network. */
export interface NetworkHost {
  readonly name: string;
  readonly address: string;
  /** The start of a command line that runs a program on this host. Empty for the machine of the tests. */
  readonly commandPrefix: readonly string[];
}

export interface Network {
  /** The addresses in CIDR notation. */
  readonly range: string;
  /** Returns an address of the machine of the tests in the network. */
  addLocalAddress(name: string, lastByte: number): NetworkHost;
  addHost(name: string, lastByte: number): NetworkHost;
  /** Drops all packets between two hosts silently: neither side receives a reset or an ICMP message. */
  cut(one: NetworkHost, other: NetworkHost): void;
  restore(one: NetworkHost, other: NetworkHost): void;
  /** Disconnects a host, then kills all of its processes, so that no other host receives a packet about their end. */
  crash(host: NetworkHost): void;
  /** Reconnects a host to the network. */
  reconnect(host: NetworkHost): void;
  /** Kills the processes of all hosts and deletes the network. */
  close(): void;
}

const IP = { names: ['ip'], debianPackage: 'iproute2' };
const INTERFACE = 'eth0';
/** No interface has this hardware address, so the switch delivers packets for it to nobody. */
const NOBODY = '02:00:00:00:00:fe';

/** Kills the processes in all namespaces with this prefix, and deletes the namespaces. */
const DELETE_SCRIPT = `
ip netns list | sed 's/ .*//' | grep "^$1-" | while read -r name; do
  ip netns pids "$name" | xargs -r kill -KILL 2>/dev/null
  ip netns delete "$name"
done`;

/** Throws an error of one sentence if this machine cannot separate hosts. As root on Debian, installs missing programs. */
function requireNetworkNamespaces(): void {
  const message = 'The tests of several hosts need network namespaces: root on Linux, with the ip program of iproute2.';
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error(message);
  ensureProgram(IP);
  const probe = `prodigon-probe-${randomInt(1_000_000)}`;
  try {
    ip('netns', 'add', probe);
    ip('netns', 'delete', probe);
  } catch (cause) {
    throw new Error(message, { cause });
  }
}

/**
 * Creates a network of hosts with their own addresses. Each host is a network namespace, and a bridge in a namespace of its
 * own connects them, so that firewall rules of this machine do not apply.
 */
export function createNetwork(): Network {
  requireNetworkNamespaces();
  const id = `pd${randomInt(0x1000000).toString(16)}`;
  const subnet = `10.${randomInt(100, 250)}.${randomInt(250)}`;
  const namespaceOf = (name: string) => `${id}-${name}`;
  const switchNamespace = namespaceOf('switch');
  const localLink = `${id}-0`;

  const cancelCleanup = cleanUpAfterExit(id);
  ip('netns', 'add', switchNamespace);
  ip('-n', switchNamespace, 'link', 'add', 'bridge', 'type', 'bridge');
  ip('-n', switchNamespace, 'link', 'set', 'bridge', 'up');
  attach([], localLink, 'local');

  /** Connects an interface of a namespace to the switch. */
  function attach(inNamespace: readonly string[], link: string, port: string): void {
    ip(...inNamespace, 'link', 'add', link, 'type', 'veth', 'peer', 'name', port, 'netns', switchNamespace);
    ip('-n', switchNamespace, 'link', 'set', port, 'master', 'bridge', 'up');
    ip(...inNamespace, 'link', 'set', link, 'up');
  }

  /** Parameters of `ip` that select the namespace and the interface of a host. */
  function locate(host: NetworkHost): { readonly inNamespace: readonly string[]; readonly link: string } {
    const isLocal = host.commandPrefix.length === 0;
    return { inNamespace: isLocal ? [] : ['-n', namespaceOf(host.name)], link: isLocal ? localLink : INTERFACE };
  }

  /** Changes how one host reaches another one. */
  function setNeighbor(host: NetworkHost, other: NetworkHost, isReachable: boolean): void {
    const { inNamespace, link } = locate(host);
    if (isReachable) ip(...inNamespace, 'neigh', 'delete', other.address, 'dev', link);
    else ip(...inNamespace, 'neigh', 'replace', other.address, 'lladdr', NOBODY, 'dev', link, 'nud', 'permanent');
  }

  function killProcesses(host: NetworkHost): void {
    const pids = () => ip('netns', 'pids', namespaceOf(host.name)).split('\n').filter(Boolean).map(Number);
    for (let left = pids(); left.length > 0; left = pids()) {
      for (const pid of left) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // The process has ended in the meantime.
        }
      }
    }
  }

  return {
    range: `${subnet}.0/24`,
    addLocalAddress(name, lastByte) {
      const address = `${subnet}.${lastByte}`;
      ip('address', 'add', `${address}/24`, 'dev', localLink);
      return { name, address, commandPrefix: [] };
    },
    addHost(name, lastByte) {
      const namespace = namespaceOf(name);
      const inNamespace = ['-n', namespace];
      const address = `${subnet}.${lastByte}`;
      ip('netns', 'add', namespace);
      const host = { name, address, commandPrefix: ['nsenter', `--net=/run/netns/${namespace}`] };
      attach(inNamespace, INTERFACE, name);
      ip(...inNamespace, 'link', 'set', 'lo', 'up');
      ip(...inNamespace, 'address', 'add', `${address}/24`, 'dev', INTERFACE);
      return host;
    },
    cut(one, other) {
      setNeighbor(one, other, false);
      setNeighbor(other, one, false);
    },
    restore(one, other) {
      setNeighbor(one, other, true);
      setNeighbor(other, one, true);
    },
    crash(host) {
      // The switch drops the packets, and the host notices nothing.
      ip('-n', switchNamespace, 'link', 'set', host.name, 'down');
      killProcesses(host);
    },
    reconnect: (host) => void ip('-n', switchNamespace, 'link', 'set', host.name, 'up'),
    close() {
      cancelCleanup();
      execFileSync('sh', ['-c', DELETE_SCRIPT, 'sh', id]);
    },
  };
}

/** Deletes the network when this process exits, which closes the pipe between them. Returns a function that cancels this. */
function cleanUpAfterExit(id: string): () => void {
  const stdio: ['pipe', 'ignore', 'ignore'] = ['pipe', 'ignore', 'ignore'];
  const cleanup = spawn('sh', ['-c', `read -r _; ${DELETE_SCRIPT}`, 'sh', id], { detached: true, stdio });
  cleanup.unref();
  (cleanup.stdin as unknown as { unref(): void }).unref();
  return () => void cleanup.kill('SIGKILL');
}

function ip(...parameters: readonly string[]): string {
  return execFileSync('ip', parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
