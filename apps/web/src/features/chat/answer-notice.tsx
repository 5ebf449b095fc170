import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import type { Answer } from './answer.ts';
import { mayRetry, wordsFor } from './failure-words.ts';

interface AnswerNoticeProps {
  answer: Answer;
  /** Only the last answer can be asked for again or continued. */
  actions: { onRetry: () => void; onContinue: () => void } | null;
}

/** Why an answer ended where it did, below what there is of it. */
export function AnswerNotice({ answer, actions }: AnswerNoticeProps) {
  const hasText = answer.text.trim() !== '';
  const retry = actions && <Button onClick={actions.onRetry}>Retry</Button>;
  const goOn = actions && hasText && <Button onClick={actions.onContinue}>Continue</Button>;
  switch (answer.state) {
    case 'stopped':
      return (
        <Notice
          tone="info"
          title={hasText ? 'You stopped this answer.' : 'You stopped this before its first word.'}
          actions={goOn || retry}
        />
      );
    case 'interrupted':
      return (
        <Notice
          tone="warn"
          title="The connection was lost before the answer was complete"
          actions={
            <>
              {goOn}
              {retry}
            </>
          }
        >
          {hasText ? 'What had arrived is kept above.' : 'Nothing had arrived yet.'}
        </Notice>
      );
    case 'failed': {
      if (!answer.failure) return null;
      const { title, detail } = wordsFor(answer.failure);
      return (
        <Notice tone="bad" title={title} actions={mayRetry(answer.failure) && retry}>
          {detail}
          {hasText && ' What had arrived before is kept above.'}
        </Notice>
      );
    }
    case 'done':
      if (answer.finish?.finish_reason === 'length') {
        return <Notice tone="info" title="The answer reached its length limit." actions={goOn} />;
      }
      return hasText ? null : <Notice tone="info" title="The model answered with no text." actions={retry} />;
    default:
      return null;
  }
}
