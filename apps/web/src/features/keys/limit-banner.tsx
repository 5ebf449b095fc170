import { Hourglass, X } from 'lucide-react';
import { useEffect } from 'react';
import { type MetLimit, useMetLimit } from '../../api/met-limit.ts';
import { useNow } from '../../design/browser-hooks.ts';
import { IconButton } from '../../design/button.tsx';
import { formatDuration } from '../../design/format.ts';

/** A line above every page from a rejected request until the limit or the budget allows requests again. */
export function LimitBanner() {
  const limit = useMetLimit((state) => state.limit);
  return limit && <Banner limit={limit} />;
}

const TIME = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY_AND_TIME = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function Banner({ limit: { message, until, isExact } }: { limit: MetLimit }) {
  const dismiss = useMetLimit((state) => state.dismiss);
  const remainingMs = until - useNow();
  const isOver = remainingMs <= 0;
  useEffect(() => {
    if (isOver) dismiss();
  }, [isOver, dismiss]);
  if (isOver) return null;
  const isToday = new Date(until).toDateString() === new Date().toDateString();
  return (
    <div className="tabular flex items-center justify-center gap-2 border-b border-border bg-surface-2 py-0.5 pr-1 pl-4 text-sm text-warn">
      <Hourglass aria-hidden size={16} className="shrink-0" />
      <p className="min-w-0 wrap-anywhere">
        {message}
        {isExact && (
          <>
            {' '}
            Requests are possible again at {(isToday ? TIME : DAY_AND_TIME).format(until)}
            {/* Screen readers would announce every second. */}
            <span aria-hidden="true">, in {formatDuration(Math.ceil(remainingMs / 1_000))}</span>.
          </>
        )}
      </p>
      <IconButton label="Dismiss" onClick={dismiss}>
        <X aria-hidden size={16} />
      </IconButton>
    </div>
  );
}
