import { Socket } from 'node:net';
import type { ReadPacer } from './read-pacer.ts';

/**
 * A connection whose reads of the kernel are spaced by a pacer while `isPaced`: what comes meanwhile waits there, and
 * one read brings it all.
 */
export class PacedSocket extends Socket {
  readonly #pacer: ReadPacer;
  /** How much was asked for by the read that waits. */
  #waitingFor: number | undefined;
  #isPaced = false;

  constructor(pacer: ReadPacer) {
    // With room for more it would go on reading before anybody has taken what there is.
    super({ readableHighWaterMark: 1 } as ConstructorParameters<typeof Socket>[0]);
    this.#pacer = pacer;
  }

  set isPaced(isPaced: boolean) {
    this.#isPaced = isPaced;
    if (!isPaced) this.#readNow();
  }

  override _read(size: number): void {
    if (!this.#isPaced || !this.#pacer.isSlowing) {
      super._read(size);
      return;
    }
    this.#waitingFor = size;
    this.#pacer.wait(this.#readNow);
  }

  readonly #readNow = (): void => {
    if (this.#waitingFor === undefined) return;
    const size = this.#waitingFor;
    this.#waitingFor = undefined;
    if (!this.destroyed) super._read(size);
  };
}
