import { Socket } from 'node:net';
import type { ReadCoalescer } from './read-coalescer.ts';

/**
 * A connection whose reads of the kernel are spaced by a readCoalescer while `isPaced`: what comes meanwhile waits there, and
 * one read brings it all.
 */
export class CoalescingSocket extends Socket {
  readonly #readCoalescer: ReadCoalescer;
  /** How much was asked for by the read that waits. */
  #waitingFor: number | undefined;
  #isPaced = false;

  constructor(readCoalescer: ReadCoalescer) {
    // With room for more it would go on reading before anybody has taken what there is.
    super({ readableHighWaterMark: 1 } as ConstructorParameters<typeof Socket>[0]);
    this.#readCoalescer = readCoalescer;
  }

  set isPaced(isPaced: boolean) {
    this.#isPaced = isPaced;
    if (!isPaced) this.#readNow();
  }

  override _read(size: number): void {
    if (!this.#isPaced || !this.#readCoalescer.isCoalescing) {
      super._read(size);
      return;
    }
    this.#waitingFor = size;
    this.#readCoalescer.wait(this.#readNow);
  }

  readonly #readNow = (): void => {
    if (this.#waitingFor === undefined) return;
    const size = this.#waitingFor;
    this.#waitingFor = undefined;
    if (!this.destroyed) super._read(size);
  };
}
