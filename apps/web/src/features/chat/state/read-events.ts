import { positionOf } from '@prodigon/api-client/conversations';
import type { TurnEvent, TurnEventData } from '@prodigon/contracts/conversations';
import type { ResponseAction } from './chat-response.ts';

/** Text is rendered in batches, because tokens arrive faster than users read. */
const COMMIT_INTERVAL_MS = 50;

export interface EventListener {
  onStart: (start: TurnEventData<'start'>) => void;
  dispatch: (action: ResponseAction) => void;
  /** Called with the position of the last event whose text was dispatched. */
  onPosition: (position: number) => void;
}

/** Dispatches the events of a turn, text in batches. Throws the errors of the stream after the text before them. */
export async function readEvents(
  events: AsyncIterable<TurnEvent>,
  { onStart, dispatch, onPosition }: EventListener,
): Promise<void> {
  const pending = { text: '', reasoning: '' };
  let pendingPosition: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const commit = () => {
    clearTimeout(timer);
    timer = undefined;
    for (const type of ['reasoning', 'text'] as const) {
      if (pending[type]) dispatch({ type, text: pending[type] });
      pending[type] = '';
    }
    if (pendingPosition !== undefined) onPosition(pendingPosition);
    pendingPosition = undefined;
  };
  const append = (type: 'text' | 'reasoning', text: string) => {
    pending[type] += text;
    timer ??= setTimeout(commit, COMMIT_INTERVAL_MS);
  };

  try {
    for await (const event of events) {
      if (event.event === 'token') append('text', event.data);
      else if (event.event === 'reasoning') append('reasoning', event.data);
      else {
        commit();
        if (event.event === 'start') onStart(event.data);
        dispatch({ type: 'event', event });
      }
      pendingPosition = positionOf(event) ?? pendingPosition;
    }
  } finally {
    commit();
  }
}
