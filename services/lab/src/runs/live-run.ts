import { createEventFeed } from '../activities/event-feed.ts';

/** A queued or running run, with the readers of its events. */
export interface LiveRun<Run, Event> {
  readonly run: Run;
  /** Replaces fields of the run without an event. */
  update(changes: Partial<Run>): void;
  publish(event: Event): void;
  /** Ends the events of all readers. */
  end(): void;
  /** Ends when the run ends or the signal aborts. */
  events(signal: AbortSignal): AsyncIterable<Event>;
}

export function createLiveRun<Run extends object, Event>(initial: Run): LiveRun<Run, Event> {
  const feed = createEventFeed<Event>();
  let run = initial;
  return {
    get run() {
      return run;
    },
    update(changes) {
      run = { ...run, ...changes };
    },
    publish: feed.publish,
    end: feed.end,
    events: feed.read,
  };
}
