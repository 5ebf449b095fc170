import { useEffect, useState } from 'react';
import { queryClient } from '../../../api/query-client.ts';
import { events } from '../../../events/events.ts';

/** Reloads the lists of jobs when the gateway announces a change. Returns whether it announces changes now. */
export function useJobChanges(): boolean {
  const [isAnnounced, setAnnounced] = useState(false);
  useEffect(
    () =>
      events.subscribe('jobs', {
        onEvent({ event }) {
          setAnnounced(event === 'jobs');
          if (event === 'jobs') void queryClient.invalidateQueries({ queryKey: ['jobs'] });
        },
        onConnection(isOpen) {
          if (!isOpen) setAnnounced(false);
        },
      }),
    [],
  );
  return isAnnounced;
}
