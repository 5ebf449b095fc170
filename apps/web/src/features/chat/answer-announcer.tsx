import { type Answer, isRunning } from './answer.ts';
import { useChat } from './chat-store.ts';
import { wordsFor } from './error-messages.ts';

/** Says aloud what the eye sees: that an answer is being written, that it is there, why it is not. Not its words. */
export function AnswerAnnouncer() {
  const answer = useChat(({ turns }) => turns.findLast((turn) => turn.answer.state !== 'queued')?.answer);
  return (
    <div className="sr-only">
      <p role="status">{answer ? statusOf(answer) : ''}</p>
      <p role="alert">{answer ? problemOf(answer) : ''}</p>
    </div>
  );
}

function statusOf(answer: Answer): string {
  if (isRunning(answer)) return 'Generating';
  if (answer.state === 'stopped') return 'Stopped';
  return answer.state === 'done' ? `Response complete, ${answer.text.split(/\s+/).filter(Boolean).length} words` : '';
}

function problemOf(answer: Answer): string {
  if (answer.state === 'interrupted') return 'The connection was lost before the answer was complete.';
  if (answer.state !== 'failed' || !answer.failure) return '';
  const { title, detail } = wordsFor(answer.failure);
  return `${title}. ${detail}`;
}
