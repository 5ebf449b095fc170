/** Blocks calls while it is closed. It starts closed. */
export interface Gate {
  open(): void;
  close(): void;
  /** Releases the oldest blocked call. */
  releaseOne(): void;
  /** Resolves when the gate opens or releases this call. */
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
      waiting = waiting.filter((release) => release !== resolve);
    },
  };
}
