import { X } from 'lucide-react';
import { Button, IconButton } from '../../design/button.tsx';
import { focusComposer } from './focus-composer.ts';
import { Question } from './question.tsx';
import type { QueuedQuestion } from './state/draft-store.ts';
import { useDrafts } from './state/drafts.ts';
import { turns } from './state/turns.ts';

interface QueuedQuestionViewProps {
  conversationKey: string;
  question: QueuedQuestion;
  /** Whether it is the next question, and no response is running that would send it. */
  isPaused: boolean;
}

/** A question that waits until the response before it has ended. */
export function QueuedQuestionView({ conversationKey, question: { key, text, attachments }, isPaused }: QueuedQuestionViewProps) {
  const remove = () => {
    const { dequeue, addToDraft } = useDrafts.getState();
    if (dequeue(conversationKey, key)) addToDraft(conversationKey, { text, attachments });
    focusComposer();
  };
  const sendNow = () => {
    turns.runNext(conversationKey);
    focusComposer();
  };
  return (
    <article data-state="queued" aria-label="Queued question">
      <Question question={{ content: text, attachments }}>
        <div className="flex items-center gap-2 text-sm text-text-3">
          {isPaused ? 'Paused' : 'Queued'}
          {isPaused && (
            <Button variant="quiet" onClick={sendNow}>
              Send now
            </Button>
          )}
          <IconButton label="Remove from queue" onClick={remove}>
            <X aria-hidden size={16} />
          </IconButton>
        </div>
      </Question>
    </article>
  );
}
