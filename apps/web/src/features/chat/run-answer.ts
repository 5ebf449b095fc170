import { AppError, type StreamEvent } from '@prodigon/contracts';
import type { AnswerAction } from './answer.ts';

/** How often arriving text is shown: tokens come faster than anyone can read or a page should render. */
const COMMIT_EVERY_MS = 50;

interface RunAnswerOptions {
  stream: AsyncIterable<StreamEvent>;
  signal: AbortSignal;
  dispatch: (action: AnswerAction) => void;
}

/** Turns one event stream into actions. Resolves when the answer is settled, whichever way; never rejects. */
export async function runAnswer({ stream, signal, dispatch }: RunAnswerOptions): Promise<void> {
  const pending = { text: '', reasoning: '' };
  let timer: ReturnType<typeof setTimeout> | undefined;

  const commit = () => {
    clearTimeout(timer);
    timer = undefined;
    for (const type of ['reasoning', 'text'] as const) {
      if (pending[type]) dispatch({ type, text: pending[type] });
      pending[type] = '';
    }
  };
  const add = (type: 'text' | 'reasoning', text: string) => {
    pending[type] += text;
    timer ??= setTimeout(commit, COMMIT_EVERY_MS);
  };

  try {
    for await (const event of stream) {
      if (event.event === 'token') add('text', event.data);
      else if (event.event === 'reasoning') add('reasoning', event.data);
      else {
        commit();
        dispatch({ type: 'event', event });
      }
    }
    commit();
    dispatch({ type: 'ended' });
  } catch (thrown) {
    commit();
    if (signal.aborted) dispatch({ type: 'stopped' });
    else if (thrown instanceof AppError) dispatch({ type: 'refused', error: thrown });
    else dispatch({ type: 'ended' });
  }
}
