import { Socket } from 'node:net';
import { performance as eventLoop } from 'node:perf_hooks';
import { buildConnector, errors } from 'undici';

/** Decides when sockets read, so that one read of a busy process covers several tokens. */
export interface ReadCoalescer {
  /** Whether sockets wait before they read. */
  readonly isCoalescing: boolean;
  /** Calls back once, when it is time to read. */
  wait(callback: () => void): void;
}

const TICK_MS = 5;
const SLOTS = 16;
const DELAY_MS_MAX = 50;
const SAMPLE_INTERVAL_MS = 100;
const HIGH_UTILIZATION = 0.7;
const LOW_UTILIZATION = 0.5;

/**
 * Creates a coalescer that delays reads by event loop utilization: not at all while it is low, and up to 50 ms when the
 * loop is saturated. One read, parse and write then carry several tokens, and backpressure stays in the kernel. All
 * delayed reads share one timer, which runs only while a socket waits.
 */
export function createReadCoalescer(utilization: () => number = createUtilizationMeter()): ReadCoalescer {
  const slots: (() => void)[][] = Array.from({ length: SLOTS }, () => []);
  let position = 0;
  let waiting = 0;
  let delayMs = 0;
  let sampledAt = 0;
  let timer: NodeJS.Timeout | undefined;

  function sample(): void {
    const now = performance.now();
    if (now - sampledAt < SAMPLE_INTERVAL_MS) return;
    sampledAt = now;
    const share = utilization();
    const step = share > HIGH_UTILIZATION ? 2 * TICK_MS : share < LOW_UTILIZATION ? -TICK_MS : 0;
    delayMs = Math.min(DELAY_MS_MAX, Math.max(0, delayMs + step));
  }

  function tick(): void {
    position = (position + 1) % SLOTS;
    const due = slots[position] as (() => void)[];
    slots[position] = [];
    waiting -= due.length;
    for (const callback of due) callback();
    if (waiting > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    get isCoalescing() {
      sample();
      return delayMs > 0;
    },
    wait(callback) {
      const ticks = Math.max(1, Math.round(delayMs / TICK_MS));
      (slots[(position + ticks) % SLOTS] as (() => void)[]).push(callback);
      waiting += 1;
      timer ??= setInterval(tick, TICK_MS);
    },
  };
}

/** Returns the share of time that the event loop was busy since the previous call, between 0 and 1. */
function createUtilizationMeter(): () => number {
  let last = eventLoop.eventLoopUtilization();
  return () => {
    const now = eventLoop.eventLoopUtilization();
    const { utilization } = eventLoop.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

/** A socket that delays its reads with a coalescer while `isCoalescing`. Meanwhile the kernel buffers the bytes. */
export class CoalescingSocket extends Socket {
  readonly #readCoalescer: ReadCoalescer;
  /** The size of the delayed read. */
  #pendingSize: number | undefined;
  #isCoalescing = false;

  constructor(readCoalescer: ReadCoalescer) {
    // With a larger buffer the stream reads ahead before its reader has taken the previous bytes.
    super({ readableHighWaterMark: 1 } as ConstructorParameters<typeof Socket>[0]);
    this.#readCoalescer = readCoalescer;
  }

  set isCoalescing(isCoalescing: boolean) {
    this.#isCoalescing = isCoalescing;
    if (!isCoalescing) this.#readPending();
  }

  override _read(size: number): void {
    if (!this.#isCoalescing || !this.#readCoalescer.isCoalescing) {
      super._read(size);
      return;
    }
    this.#pendingSize = size;
    this.#readCoalescer.wait(this.#readPending);
  }

  readonly #readPending = (): void => {
    if (this.#pendingSize === undefined) return;
    const size = this.#pendingSize;
    this.#pendingSize = undefined;
    if (!this.destroyed) super._read(size);
  };
}

export interface CoalescingConnectorOptions {
  readonly timeoutMs: number;
  readonly readCoalescer: ReadCoalescer;
  /** Receives the socket, or undefined for a connection that cannot coalesce reads. */
  readonly onConnect: (socket: CoalescingSocket | undefined) => void;
}

const KEEP_ALIVE_DELAY_MS = 60_000;

/**
 * Creates a connector that opens connections with coalesced reads. TLS connections do not support them, because TLS reads
 * its socket itself.
 */
export function createCoalescingConnector({
  timeoutMs,
  readCoalescer,
  onConnect,
}: CoalescingConnectorOptions): buildConnector.connector {
  const connectTls = buildConnector({ timeout: timeoutMs });
  return (options, callback) => {
    onConnect(undefined);
    if (options.protocol === 'https:') return connectTls(options, callback);
    const socket = new CoalescingSocket(readCoalescer);
    const timer = setTimeout(() => {
      socket.destroy(new errors.ConnectTimeoutError(`Connecting took over ${timeoutMs} ms`));
    }, timeoutMs);
    const finish = (error: Error | null) => {
      clearTimeout(timer);
      socket.off('error', finish).off('connect', connected);
      if (error) return callback(error, null);
      onConnect(socket);
      callback(null, socket);
    };
    const connected = () => finish(null);
    socket.on('error', finish).on('connect', connected);
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    socket.connect({ host: options.hostname, port: Number(options.port) || 80 });
  };
}
