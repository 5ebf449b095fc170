import type { AppError } from '@prodigon/contracts';
import { StaleNotice } from '../../design/stale-notice.tsx';

interface UsageFailureProps {
  failure: AppError;
  /** When what is shown below was received; null when nothing is. */
  receivedAt: number | null;
  onRetry: () => void;
}

export function UsageFailure({ failure, ...rest }: UsageFailureProps) {
  return <StaleNotice title={titleOf(failure)} message={failure.message} {...rest} />;
}

function titleOf({ code, message }: AppError): string {
  if (/not recorded/.test(message)) return 'Usage is not recorded here';
  if (code === 'UNAUTHENTICATED') return 'An API key is needed';
  return 'The usage could not be read';
}
