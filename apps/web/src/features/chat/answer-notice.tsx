import type { ReactNode } from 'react';
import { useModelsStore } from '../../api/models-store.ts';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { findModel } from '../models/find-model.ts';
import type { Answer, Failure } from './answer.ts';
import { mayRetry, wordsFor } from './error-messages.ts';

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
      return (
        <FailureNotice failure={answer.failure} model={actions && answer.model} actions={mayRetry(answer.failure) && retry}>
          {hasText && ' What had arrived before is kept above.'}
        </FailureNotice>
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

interface FailureNoticeProps {
  failure: Failure;
  /** Who failed; null where it is too long ago for its present state to matter. */
  model: string | null;
  actions: ReactNode;
  children: ReactNode;
}

/** A stream does not carry when to try again; what is known of the model tells it. */
function FailureNotice({ failure, model, actions, children }: FailureNoticeProps) {
  const health = useModelsStore(({ list }) => (model === null ? undefined : findModel(list, model)?.health));
  const isAway = failure.code === 'RATE_LIMITED' || failure.code === 'SERVICE_UNAVAILABLE';
  const retryAfterSeconds = failure.retryAfterSeconds ?? ((isAway && health?.retry_after_s) || undefined);
  const { title, detail } = wordsFor({ ...failure, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
  return (
    <Notice tone="bad" title={title} actions={actions}>
      {detail}
      {children}
    </Notice>
  );
}
