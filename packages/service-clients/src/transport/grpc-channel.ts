import { type ClientOptions, connectivityState, credentials } from '@grpc/grpc-js';
import { HealthClient, InferenceServiceClient } from '@prodigon/contracts/grpc';
import { GRPC_CLIENT_OPTIONS } from '@prodigon/platform/grpc';
import { ConnectionError } from './transport.ts';

/** The clients on one connection. */
export interface GrpcConnection {
  readonly inference: InferenceServiceClient;
  readonly health: HealthClient;
}

export interface GrpcChannelOptions {
  readonly baseUrl: string;
  readonly connectTimeoutMs: number;
  /** Milliseconds between two pings, and the timeout of each. */
  readonly keepaliveMs?: number | undefined;
}

export interface GrpcChannel {
  /** Resolves when the connection is open. Rejects with a `ConnectionError` when it cannot be opened. */
  connect(): Promise<GrpcConnection>;
  close(): void;
}

/**
 * Creates a channel to one replica. It opens with the first call. When its connection closes or cannot be opened, the next
 * call opens a new channel: gRPC itself would wait for its backoff, stay idle or keep old addresses.
 */
export function createGrpcChannel({ baseUrl, connectTimeoutMs, keepaliveMs }: GrpcChannelOptions): GrpcChannel {
  const { host } = new URL(baseUrl);
  let current: Promise<GrpcConnection> | undefined;
  // Calls in flight keep a channel open until the last of them has ended.
  const open = new Set<InferenceServiceClient>();

  async function openConnection(retire: () => void): Promise<GrpcConnection> {
    const inference = new InferenceServiceClient(host, credentials.createInsecure(), {
      ...GRPC_CLIENT_OPTIONS,
      ...(keepaliveMs && { 'grpc.keepalive_time_ms': keepaliveMs, 'grpc.keepalive_timeout_ms': keepaliveMs }),
    });
    const channel = inference.getChannel();
    open.add(inference);
    const end = () => {
      retire();
      open.delete(inference);
      // A closing channel ends its calls in flight normally.
      inference.close();
    };
    try {
      await waitUntilReady(channel, Date.now() + connectTimeoutMs);
    } catch (error) {
      end();
      throw error;
    }
    channel.watchConnectivityState(connectivityState.READY, Number.POSITIVE_INFINITY, end);
    const options = { channelOverride: channel } as unknown as Partial<ClientOptions>;
    return { inference, health: new HealthClient(host, credentials.createInsecure(), options) };
  }

  return {
    connect() {
      if (current) return current;
      const connecting = openConnection(() => {
        if (current === connecting) current = undefined;
      });
      current = connecting;
      return connecting;
    },
    close() {
      for (const client of open) client.close();
    },
  };
}

type Channel = ReturnType<InferenceServiceClient['getChannel']>;

function waitUntilReady(channel: Channel, deadline: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = (error?: Error) => {
      const state = error ? connectivityState.TRANSIENT_FAILURE : channel.getConnectivityState(true);
      if (state === connectivityState.READY) resolve();
      else if (state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN)
        reject(new ConnectionError('Connecting failed', { isRequestSent: false, cause: error }));
      else channel.watchConnectivityState(state, deadline, check);
    };
    check();
  });
}
