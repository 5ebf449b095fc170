import { showActionFailure } from './action-failure.ts';
import type { Draft } from './draft-store.ts';
import type { TurnRunner } from './turn-runner.ts';

/** Downloads the runner of turns, which the first paint does not need. */
async function loadTurns(): Promise<TurnRunner> {
  return (await import('./turns.ts')).turns;
}

/** Sends a question, or queues it while a response is running. Resolves to false if it could not be sent and stays a draft. */
export async function sendQuestion(conversationKey: string, draft: Draft, model: string | undefined): Promise<boolean> {
  try {
    (await loadTurns()).send(conversationKey, draft, model);
    return true;
  } catch (thrown) {
    showActionFailure('Could not send the question', thrown);
    return false;
  }
}

/** Stops the response of a conversation. */
export async function stopResponse(conversationKey: string): Promise<void> {
  try {
    await (await loadTurns()).stop(conversationKey);
  } catch (thrown) {
    showActionFailure('Could not stop the response', thrown);
  }
}
