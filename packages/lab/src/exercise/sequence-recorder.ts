import type { SequenceDiagram, SequenceEvent } from '@prodigon/contracts/workshop';

export interface Participant {
  readonly id: string;
  readonly label: string;
  readonly isLearner?: boolean;
}

export interface PendingMessage {
  received(): void;
}

export interface RunningActivity {
  end(): void;
}

/** Records the messages and the activities of one case for a sequence diagram. */
export interface SequenceRecorder {
  /** Adds participants in the order in which the diagram shows them. */
  participants(participants: readonly Participant[]): void;
  /** Records a message. It arrives when `received` is called; otherwise the diagram shows that it never arrived. */
  message(from: string, to: string, label: string, isError?: boolean): PendingMessage;
  /** Records work of a participant, until `end` is called. */
  activity(participant: string, label: string, isError?: boolean): RunningActivity;
  mark(label: string): void;
  diagram(): SequenceDiagram | null;
}

export interface SequenceRecorderOptions {
  /** Monotonic clock in milliseconds. */
  readonly now: () => number;
  /** The last mark counts further events, so that the diagram stays readable. */
  readonly eventsMax?: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type MessageEvent = Writable<Extract<SequenceEvent, { type: 'message' }>>;
type ActivityEvent = Writable<Extract<SequenceEvent, { type: 'activity' }>>;

const NO_MESSAGE: PendingMessage = { received: () => {} };
const NO_ACTIVITY: RunningActivity = { end: () => {} };

export function createSequenceRecorder({ now, eventsMax = 40 }: SequenceRecorderOptions): SequenceRecorder {
  const startedAt = now();
  const elapsed = () => Math.round((now() - startedAt) * 10) / 10;
  const participants: Participant[] = [];
  const events: SequenceEvent[] = [];
  let omitted = 0;

  const add = <T extends SequenceEvent>(event: T): T | null => {
    if (events.length < eventsMax) {
      events.push(event);
      return event;
    }
    omitted += 1;
    return null;
  };

  return {
    participants: (added) => {
      participants.push(...added);
    },
    message: (from, to, label, isError = false) => {
      const message = add<MessageEvent>({
        type: 'message',
        from,
        to,
        label,
        sent_at_ms: elapsed(),
        received_at_ms: null,
        is_error: isError,
      });
      if (!message) return NO_MESSAGE;
      return {
        received: () => {
          message.received_at_ms ??= elapsed();
        },
      };
    },
    activity: (participant, label, isError = false) => {
      const from = elapsed();
      const activity = add<ActivityEvent>({
        type: 'activity',
        participant,
        label,
        from_ms: from,
        to_ms: null,
        is_error: isError,
      });
      if (!activity) return NO_ACTIVITY;
      return {
        end: () => {
          activity.to_ms ??= elapsed();
        },
      };
    },
    mark: (label) => {
      add({ type: 'mark', label, at_ms: elapsed() });
    },
    diagram: () => {
      if (participants.length === 0) return null;
      const last = omitted > 0 ? [{ type: 'mark' as const, label: `${omitted} more events`, at_ms: elapsed() }] : [];
      return {
        participants: participants.map(({ id, label, isLearner = false }) => ({ id, label, is_learner: isLearner })),
        events: [...structuredClone(events), ...last],
        length_ms: elapsed(),
      };
    },
  };
}
