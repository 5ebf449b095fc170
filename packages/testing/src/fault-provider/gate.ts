/** Holds back whoever comes while it is closed, which it is at first. */
export class Gate {
  #opening = Promise.withResolvers<void>();
  #single: (() => void)[] = [];

  open(): void {
    this.#opening.resolve();
  }

  close(): void {
    this.#opening.resolve();
    this.#opening = Promise.withResolvers();
  }

  /** Lets the one pass that has waited longest. */
  releaseOne(): void {
    this.#single.shift()?.();
  }

  async passed(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#single.push(resolve);
    await Promise.race([this.#opening.promise, promise]);
    this.#single = this.#single.filter((each) => each !== resolve);
  }
}
