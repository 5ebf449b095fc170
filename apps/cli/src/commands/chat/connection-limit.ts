import { GatewayConnectionError } from '@prodigon/api-client';

/**
 * Ends a stream whose connection stays lost for `lostMaxMs`, so that a script does not wait forever. `signal` aborts with the
 * error, or with `cancellation`.
 */
export function createConnectionLimit(lostMaxMs: number, cancellation: AbortSignal) {
  const lost = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const message = `The connection to the gateway was lost ${Math.round(lostMaxMs / 1000)} s ago.`;
  return {
    signal: AbortSignal.any([cancellation, lost.signal]),
    setConnected(isConnected: boolean): void {
      clearTimeout(timer);
      if (!isConnected) timer = setTimeout(() => lost.abort(new GatewayConnectionError('interrupted', message)), lostMaxMs);
    },
    close: (): void => clearTimeout(timer),
  };
}
