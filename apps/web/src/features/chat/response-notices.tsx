import { CornerDownRight, Scissors, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useCachedModels } from '../../api/models-query.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { findModel } from '../models/model-labels.ts';
import { SETTINGS_KEYS, SETTINGS_PROVIDERS } from '../settings/settings-tabs.ts';
import { canRetry, errorMessage, fallbackMessage, omittedMessagesMessage } from './error-messages.ts';
import type { ChatResponse, Failure } from './state/chat-response.ts';

interface ResponseNoticeProps {
  response: ChatResponse;
  /** Whether the turn still shows the response before this one. */
  isEarlierShown: boolean;
  /** Null for responses that others follow. */
  actions: { onRetry: () => void; onContinue: (() => void) | null; onDiscard: (() => void) | null } | null;
}

/** A question that was rejected with one of these can be sent again with another model. */
const OTHER_MODEL: readonly Failure['code'][] = ['UNKNOWN_MODEL', 'FORBIDDEN', 'VALIDATION_ERROR'];

/** Explains why a response ended early, below the text that has arrived. */
export function ResponseNotice({ response, isEarlierShown, actions }: ResponseNoticeProps) {
  const hasText = response.text.trim() !== '';
  const shown = isEarlierShown ? 'The previous response is shown above.' : hasText && 'The partial response is shown above.';
  const retryButton = actions && <Button onClick={actions.onRetry}>Retry</Button>;
  const onContinue = hasText ? actions?.onContinue : null;
  const continueButton = onContinue && <Button onClick={onContinue}>Continue</Button>;
  switch (response.state) {
    case 'stopped':
      return (
        <Notice
          severity="info"
          title={hasText ? 'Response stopped' : 'Stopped before the response began'}
          actions={
            <>
              {continueButton}
              {retryButton}
            </>
          }
        />
      );
    case 'interrupted':
      return (
        <Notice
          severity="warn"
          title="The response was interrupted"
          actions={
            <>
              {continueButton}
              {retryButton}
            </>
          }
        >
          {shown || 'No text was received.'}
        </Notice>
      );
    case 'failed': {
      if (!response.failure) return null;
      return (
        <FailureNotice
          failure={response.failure}
          model={actions && response.model}
          actions={
            <>
              {continueButton}
              {response.failure.code === 'PROVIDER_KEY_REFUSED' && (
                <ButtonLink href={SETTINGS_PROVIDERS}>Check the key</ButtonLink>
              )}
              {response.failure.code === 'BUDGET_EXHAUSTED' && <ButtonLink href={SETTINGS_KEYS}>Show the budget</ButtonLink>}
              {(canRetry(response.failure) || (actions?.onDiscard && OTHER_MODEL.includes(response.failure.code))) && retryButton}
              {actions?.onDiscard && (
                <Button variant="quiet" onClick={actions.onDiscard}>
                  Back to the draft
                </Button>
              )}
            </>
          }
        >
          {shown && ` ${shown}`}
        </FailureNotice>
      );
    }
    case 'done':
      if (response.finishReason === 'length') {
        return <Notice severity="info" title="The response reached its length limit" actions={continueButton} />;
      }
      return hasText ? null : <Notice severity="info" title="The model returned an empty response" actions={retryButton} />;
    default:
      return null;
  }
}

interface FailureNoticeProps {
  failure: Failure;
  /** The model that failed; null for earlier responses, where its current health does not matter. */
  model: string | null;
  actions: ReactNode;
  children: ReactNode;
}

const TEMPORARY: readonly Failure['code'][] = ['RATE_LIMITED', 'CIRCUIT_OPEN', 'PROVIDER_UNREACHABLE', 'SERVICE_UNAVAILABLE'];

/** Error events of a stream carry no retry delay; the health of the model supplies it. */
function FailureNotice({ failure, model, actions, children }: FailureNoticeProps) {
  const models = useCachedModels();
  const health = model === null ? undefined : findModel(models, model)?.health;
  const healthDelay = TEMPORARY.includes(failure.code) ? health?.retry_after_s : undefined;
  const retryAfterSeconds = failure.retryAfterSeconds ?? (healthDelay || undefined);
  const { title, detail } = errorMessage({ ...failure, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
  return (
    <Notice severity="bad" title={title} actions={actions}>
      {detail}
      {children}
    </Notice>
  );
}

/** Shows which model responded after a fallback, how many messages the request left out, and the warning that a model is retired. */
export function RequestNotices({ response: { fallbacks, omittedMessages, warning } }: { response: ChatResponse }) {
  if (fallbacks.length === 0 && omittedMessages === 0 && warning === null) return null;
  return (
    <ul aria-label="Notices" className="flex flex-col gap-1 text-sm text-text-2">
      {fallbacks.map((fallback) => (
        <li key={`${fallback.from} ${fallback.to}`} className="flex gap-2 wrap-anywhere">
          <CornerDownRight aria-hidden size={16} className="mt-0.5 shrink-0 text-text-3" />
          {fallbackMessage(fallback)}
        </li>
      ))}
      {omittedMessages > 0 && (
        <li className="flex gap-2 wrap-anywhere">
          <Scissors aria-hidden size={16} className="mt-0.5 shrink-0 text-text-3" />
          {omittedMessagesMessage(omittedMessages)}
        </li>
      )}
      {warning !== null && (
        <li className="flex gap-2 wrap-anywhere">
          <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0 text-warn" />
          {warning}
        </li>
      )}
    </ul>
  );
}
