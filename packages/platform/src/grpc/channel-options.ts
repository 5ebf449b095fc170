import type { ChannelOptions } from '@grpc/grpc-js';
import { HTTP2_STREAM_WINDOW_BYTES, HTTP2_STREAMS_MAX, PING_INTERVAL_MS } from '../http/dual-protocol-server.ts';

/** The largest HTTP body of the model service (64 MiB), and the fields around it. */
export const GRPC_MESSAGE_BYTES_MAX = (64 << 20) + 1_024;

const KEEPALIVE: ChannelOptions = {
  'grpc.keepalive_time_ms': PING_INTERVAL_MS,
  'grpc.keepalive_timeout_ms': PING_INTERVAL_MS,
};

export const GRPC_SERVER_OPTIONS: ChannelOptions = {
  ...KEEPALIVE,
  'grpc.max_concurrent_streams': HTTP2_STREAMS_MAX,
  'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': -1,
  'grpc.enable_channelz': 0,
};

export const GRPC_CLIENT_OPTIONS: ChannelOptions = {
  ...KEEPALIVE,
  // An idle connection detects a frozen process too.
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_send_message_length': GRPC_MESSAGE_BYTES_MAX,
  'grpc.max_receive_message_length': -1,
  // With the default of 64 kB, tokens arrive in batches.
  'grpc-node.flow_control_window': HTTP2_STREAM_WINDOW_BYTES,
  // Each replica has a channel of its own, and the load balancer decides on retries.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  // Proxies are for providers only.
  'grpc.enable_http_proxy': 0,
  'grpc.enable_channelz': 0,
};
