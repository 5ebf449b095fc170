/**
 * Set by the supervisor for gateways that share one port. Such a gateway receives the connections of HOST and GATEWAY_PORT
 * from the supervisor. The value is the port of its own address on loopback, for health and metrics.
 */
export const OWN_PORT_VARIABLE = 'PRODIGON_OWN_PORT';
/** The host of a gateway's own address. */
export const OWN_HOST = '127.0.0.1';

/** Sent by the supervisor. `connection` comes with a socket, unless its client has disconnected. */
export type HandoffMessage =
  | { readonly type: 'connection'; readonly id: number }
  /** The gateway receives no more connections while another one is available. */
  | { readonly type: 'detached' };

/** Sent by a gateway. */
export type HandoffReport =
  /** The supervisor closes its copy of the socket. Until then it sends the connection to another gateway if this one dies. */
  | { readonly type: 'connection_accepted' | 'connection_closed'; readonly id: number }
  /** Asks for no more connections, because the gateway stops. */
  | { readonly type: 'detach' };

const hasType = (message: unknown): message is { readonly type: unknown } =>
  typeof message === 'object' && message !== null && 'type' in message;

export function isHandoffMessage(message: unknown): message is HandoffMessage {
  return hasType(message) && (message.type === 'connection' || message.type === 'detached');
}

export function isHandoffReport(message: unknown): message is HandoffReport {
  return hasType(message) && ['connection_accepted', 'connection_closed', 'detach'].includes(String(message.type));
}
