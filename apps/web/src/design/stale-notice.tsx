import { Button } from './button.tsx';
import { formatDuration } from './format.ts';
import { Notice } from './notice.tsx';
import { useNow } from './use-now.ts';

interface StaleNoticeProps {
  title: string;
  /** Why, in a sentence. */
  message: string;
  /** When what is shown below was received; null when nothing is. */
  receivedAt: number | null;
  onRetry: () => void;
}

/** Why nothing new can be shown, and how old what is shown is. It is asked for again all the while. */
export function StaleNotice({ title, message, receivedAt, onRetry }: StaleNoticeProps) {
  const now = useNow();
  return (
    <Notice tone="bad" title={title} actions={<Button onClick={onRetry}>Try now</Button>}>
      {message}{' '}
      {receivedAt !== null && (
        <span className="tabular">What follows is {formatDuration(Math.max(0, now - receivedAt) / 1_000)} old.</span>
      )}
    </Notice>
  );
}
