const waiting: (() => void)[] = [];
let isScheduled = false;

/**
 * Resolves in a turn of the event loop in which no other caller continues. Long work calls it between its pieces, so that
 * streams wait for one piece at most, however many requests run.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(continueOne);
  });
}

function continueOne(): void {
  waiting.shift()?.();
  // An immediate that is set by an immediate runs in the next turn, after input and timers.
  isScheduled = waiting.length > 0;
  if (isScheduled) setImmediate(continueOne);
}
