import type { AppError } from '@prodigon/contracts';
import { Button } from '../../design/button.tsx';
import { formatDuration } from '../../design/format.ts';
import { Notice } from '../../design/notice.tsx';
import { useNow } from '../../design/use-now.ts';

interface UsageFailureProps {
  failure: AppError;
  /** When what is shown below was received; null when nothing is. */
  receivedAt: number | null;
  onRetry: () => void;
}

/** Why there is nothing new, and how old what is shown is. It is asked for again all the while. */
export function UsageFailure({ failure, receivedAt, onRetry }: UsageFailureProps) {
  const now = useNow();
  return (
    <Notice tone="bad" title={titleOf(failure)} actions={<Button onClick={onRetry}>Try now</Button>}>
      {failure.message}{' '}
      {receivedAt !== null && (
        <span className="tabular">What follows is {formatDuration(Math.max(0, now - receivedAt) / 1_000)} old.</span>
      )}
    </Notice>
  );
}

function titleOf({ code, message }: AppError): string {
  if (/not recorded/.test(message)) return 'Usage is not recorded here';
  if (code === 'UNAUTHENTICATED') return 'An API key is needed';
  return 'The usage could not be read';
}
