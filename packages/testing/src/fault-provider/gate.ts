/** Holds calls back while it is closed, which it is at first. */
export interface Gate {
  open(): void;
  close(): void;
  /** Releases the call that has waited longest. */
  releaseOne(): void;
  /** Resolves once the gate is open or this call is released. */
  passed(): Promise<void>;
}

export function createGate(): Gate {
  let opening = Promise.withResolvers<void>();
  let waiting: (() => void)[] = [];
  return {
    open: () => opening.resolve(),
    close() {
      opening.resolve();
      opening = Promise.withResolvers();
    },
    releaseOne: () => waiting.shift()?.(),
    async passed() {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      await Promise.race([opening.promise, promise]);
      waiting = waiting.filter((each) => each !== resolve);
    },
  };
}
