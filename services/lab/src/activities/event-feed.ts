/** The events of one activity. Each reader receives the events that are published after it begins to read. */
export interface EventFeed<Event> {
  publish(event: Event): void;
  /** Ends the feed for all readers, after the events that they have not read. */
  end(): void;
  /** Ends when the feed ends or the signal aborts. Reading begins with this call. */
  read(signal: AbortSignal): AsyncIterable<Event>;
}

export function createEventFeed<Event>(): EventFeed<Event> {
  const readers = new Set<{ readonly pending: Event[]; wake: () => void }>();
  let isEnded = false;

  async function* readPending(reader: { readonly pending: Event[]; wake: () => void }, signal: AbortSignal) {
    const onAbort = () => reader.wake();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        yield* reader.pending.splice(0);
        if (signal.aborted || (isEnded && reader.pending.length === 0)) return;
        if (reader.pending.length === 0) await new Promise<void>((resolve) => (reader.wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      readers.delete(reader);
    }
  }

  return {
    publish(event) {
      for (const reader of readers) {
        reader.pending.push(event);
        reader.wake();
      }
    },
    end() {
      isEnded = true;
      for (const reader of readers) reader.wake();
    },
    read(signal) {
      const reader = { pending: [] as Event[], wake: () => {} };
      readers.add(reader);
      return readPending(reader, signal);
    },
  };
}
