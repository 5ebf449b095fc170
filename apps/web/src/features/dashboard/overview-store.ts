import { AppError, type SystemOverview, systemOverviewSchema } from '@prodigon/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { create } from 'zustand';
import { api } from '../../api/api.ts';
import { toAppError } from '../../api/query-client.ts';
import { events } from '../../events/events.ts';
import { initialOverview, type OverviewState, recordFailure, recordOverview } from './overview-state.ts';

const RESPONSE_TIMEOUT_MS = 5_000;
/** Duration after which the web UI reports a slow gateway, before the timeout. */
const SLOW_AFTER_MS = 3_000;

interface OverviewStore extends OverviewState {
  isSlow: boolean;
  /** Requests the overview once and records the result. Never rejects. */
  probe: () => Promise<void>;
  /** Records an overview that the gateway sent. */
  record: (overview: SystemOverview) => void;
}

/** The gateway's measurements, shared by the dashboard, the status link and the connection banner. */
export const useOverview = create<OverviewStore>()((set) => ({
  ...initialOverview,
  isSlow: false,
  record: (overview) => set((state) => recordOverview(state, overview, Date.now())),
  async probe() {
    const slow = setTimeout(() => set({ isSlow: true }), SLOW_AFTER_MS);
    try {
      const overview = await api.overview(AbortSignal.timeout(RESPONSE_TIMEOUT_MS));
      set((state) => recordOverview(state, overview, Date.now()));
    } catch (thrown) {
      // A gateway that requires a key is reachable, and the API key dialog is open by now.
      if (thrown instanceof AppError && thrown.code === 'UNAUTHENTICATED') return;
      const isTimeout = thrown instanceof DOMException && thrown.name === 'TimeoutError';
      set((state) => recordFailure(state, toAppError(thrown, RESPONSE_TIMEOUT_MS).message, Date.now(), isTimeout));
    } finally {
      clearTimeout(slow);
      set({ isSlow: false });
    }
  },
}));

/** The gateway sends an overview every two seconds. If the latest one is older, the events are interrupted. */
const EVENT_OVERDUE_MS = 3_500;

/**
 * Receives the overviews that the gateway sends, while the component is mounted and the tab is visible. While none arrives,
 * requests one at this interval, because only the error of a request contains the cause.
 */
export function useOverviewUpdates(intervalMs: number): void {
  useQuery({
    queryKey: ['overview'],
    // The store keeps the history, so the query has no data.
    queryFn: async () => {
      const { receivedAt, failure, probe } = useOverview.getState();
      const isCurrent = failure === null && receivedAt !== null && Date.now() - receivedAt < EVENT_OVERDUE_MS;
      if (!isCurrent) await probe();
      return null;
    },
    refetchInterval: intervalMs,
  });
  useEffect(
    () =>
      events.subscribe('health', {
        onEvent({ event, data }) {
          if (event === 'health') useOverview.getState().record(systemOverviewSchema.parse(JSON.parse(data)));
        },
        onConnection(isOpen) {
          if (!isOpen) void useOverview.getState().probe();
        },
      }),
    [],
  );
}
