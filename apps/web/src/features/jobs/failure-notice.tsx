import type { AppError } from '@prodigon/contracts';
import { StaleNotice } from '../../design/stale-notice.tsx';

interface FailureNoticeProps {
  failure: AppError;
  /** When what is shown below was received; null when nothing is. */
  receivedAt: number | null;
  onRetry: () => void;
}

export function FailureNotice({ failure, ...rest }: FailureNoticeProps) {
  return <StaleNotice title={titleOf(failure)} message={failure.message} {...rest} />;
}

function titleOf({ code }: AppError): string {
  if (code === 'SERVICE_UNAVAILABLE' || code === 'DEADLINE_EXCEEDED') return 'Batch jobs cannot be reached just now';
  if (code === 'UNAUTHENTICATED') return 'An API key is needed';
  return 'The jobs could not be read';
}
