import type { AppError } from '@prodigon/contracts';
import { WifiOff } from 'lucide-react';
import { formatDuration } from '../../../design/format.ts';
import type { WatchState } from './create-job-watch.ts';

interface ConnectionNoteProps {
  connection: WatchState['connection'];
  failure: AppError | null;
  receivedAt: number | null;
  now: number;
}

/** A quiet line while nothing new arrives. What is shown stays, with its age. */
export function ConnectionNote({ connection, failure, receivedAt, now }: ConnectionNoteProps) {
  return (
    <div role="status" className={connection === 'lost' ? undefined : 'sr-only'}>
      {connection === 'lost' && (
        <p className="tabular flex items-center gap-2 rounded-md border border-border bg-surface px-4 py-2.5 text-sm text-warn">
          <WifiOff aria-hidden size={16} className="shrink-0" />
          <span>
            {failure ? failure.message : 'The job cannot be watched just now.'} Reconnecting
            {receivedAt !== null && (
              <span aria-hidden="true">; what follows is {formatDuration((now - receivedAt) / 1_000)} old</span>
            )}
            .
          </span>
        </p>
      )}
    </div>
  );
}
