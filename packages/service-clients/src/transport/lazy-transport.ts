import type { Transport } from './transport.ts';

/** Creates a transport that loads its code with the first request, so that other transports do not cost its memory. */
export function createLazyTransport(load: () => Promise<Transport>): Transport {
  let loading: Promise<Transport> | undefined;
  const transport = () => {
    loading ??= load();
    return loading;
  };
  return {
    send: async (request) => (await transport()).send(request),
    close: async () => (await loading)?.close(),
  };
}
