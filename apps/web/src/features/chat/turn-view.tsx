import { X } from 'lucide-react';
import { memo } from 'react';
import { Button, IconButton } from '../../design/button.tsx';
import { classes } from '../../design/classes.ts';
import { Markdown } from '../../markdown/markdown.tsx';
import { isRunning } from './answer.ts';
import { AnswerFooter } from './answer-footer.tsx';
import { AnswerNotice } from './answer-notice.tsx';
import { AnswerProgress } from './answer-progress.tsx';
import { AnswerRemarks } from './answer-remarks.tsx';
import { useChat } from './chat-store.ts';
import type { Turn } from './conversation.ts';
import { focusComposer } from './focus-composer.ts';
import { useModel } from './use-model.ts';

const CONTINUE_PROMPT = 'Continue exactly where you stopped.';

interface TurnViewProps {
  turn: Turn;
  /** The last turn that was asked: the one that can be asked again. */
  isLast: boolean;
}

/** A question and its answer. Turns that do not change are not rendered again, nor laid out while out of sight. */
export const TurnView = memo(function TurnView({ turn, isLast }: TurnViewProps) {
  const { answer } = turn;
  const [model] = useModel();
  const { send, regenerate } = useChat.getState();
  const running = isRunning(answer);
  const retry = () => {
    regenerate(model);
    focusComposer();
  };
  const goOn = () => {
    send(CONTINUE_PROMPT, model);
    focusComposer();
  };
  return (
    <article
      id={turn.id}
      data-state={answer.state}
      aria-label="Question and answer"
      className={classes('flex flex-col gap-5', !isLast && 'skip-when-out-of-sight')}
    >
      <Question turn={turn} />
      {answer.state !== 'queued' && (
        <div className="flex flex-col gap-4">
          {answer.reasoning && <Reasoning text={answer.reasoning} />}
          {answer.text && <Markdown text={answer.text} complete={!running} />}
          {(answer.state === 'connecting' || answer.state === 'waiting') && <AnswerProgress answer={answer} />}
          <AnswerRemarks answer={answer} />
          <AnswerNotice answer={answer} actions={isLast ? { onRetry: retry, onContinue: goOn } : null} />
          {!running && <AnswerFooter answer={answer} onRegenerate={isLast ? retry : null} />}
        </div>
      )}
    </article>
  );
});

function Question({ turn }: { turn: Turn }) {
  const { removeQueued, resume } = useChat.getState();
  const isHeldBack = useChat(({ turns }) => !turns.some(({ answer }) => isRunning(answer)));
  return (
    <div className="flex flex-col items-end gap-1">
      <p dir="auto" className="max-w-[85%] rounded-lg bg-surface-2 px-4 py-2.5 text-prose whitespace-pre-wrap wrap-anywhere">
        {turn.prompt}
      </p>
      {turn.answer.state === 'queued' && (
        <div className="flex items-center gap-2 text-sm text-text-3">
          {isHeldBack ? 'Held back' : 'Queued'}
          {isHeldBack && (
            <Button look="quiet" onClick={resume}>
              Send now
            </Button>
          )}
          <IconButton label="Remove from the queue" onClick={() => removeQueued(turn.id)}>
            <X aria-hidden size={16} />
          </IconButton>
        </div>
      )}
    </div>
  );
}

function Reasoning({ text }: { text: string }) {
  return (
    <details className="text-sm text-text-2">
      <summary className="target inline-flex cursor-pointer items-center rounded-sm">Reasoning</summary>
      <p dir="auto" className="border-l-2 border-border pl-4 whitespace-pre-wrap wrap-anywhere">
        {text}
      </p>
    </details>
  );
}
