import { readFileSync } from 'node:fs';

/** The timer of a socket that sends keep-alive probes, in `/proc/net/tcp`. */
const KEEP_ALIVE = '02';
const ESTABLISHED = '01';
/** The kernel reports times in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/**
 * Returns the seconds until the kernel probes the other side of each established IPv4 connection from `localPort`, or to
 * `remotePort`. A connection without probes is null. Linux only.
 */
export function keepAliveSeconds({ localPort, remotePort }: { localPort?: number; remotePort?: number }): (number | null)[] {
  const portOf = (address = '') => Number.parseInt(address.split(':')[1] ?? '', 16);
  return readFileSync('/proc/net/tcp', 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, remote, state]) => {
      if (state !== ESTABLISHED) return false;
      return localPort === undefined ? portOf(remote) === remotePort : portOf(local) === localPort;
    })
    .map(([, , , , , timer = '']) => {
      const [kind, ticks = ''] = timer.split(':');
      return kind === KEEP_ALIVE ? Number.parseInt(ticks, 16) / TICKS_PER_SECOND : null;
    });
}
