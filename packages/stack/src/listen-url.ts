/** Returns the URL at which this machine reaches a listener. One that listens on every address is reachable through loopback. */
export function toUrl({ host: listenHost, port }: { host: string; port: number }): string {
  const hostWithoutBrackets = listenHost.replace(/^\[|\]$/g, '');
  const host = hostWithoutBrackets === '0.0.0.0' ? '127.0.0.1' : hostWithoutBrackets === '::' ? '::1' : hostWithoutBrackets;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
