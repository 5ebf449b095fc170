import { AppError } from '@prodigon/contracts';
import { useQuery } from '@tanstack/react-query';
import { create } from 'zustand';
import { api } from '../../api/api.ts';
import { toAppError } from '../../api/query-client.ts';
import { initialOverview, type OverviewState, recordFailure, recordOverview } from './overview-state.ts';

const RESPONSE_TIMEOUT_MS = 5_000;
/** Duration after which the web UI reports a slow gateway, before the timeout. */
const SLOW_AFTER_MS = 3_000;

interface OverviewStore extends OverviewState {
  isSlow: boolean;
  /** Requests the overview once and records the result. Never rejects. */
  probe: () => Promise<void>;
}

/** The gateway's measurements, shared by the dashboard, the status link and the connection banner. */
export const useOverview = create<OverviewStore>()((set) => ({
  ...initialOverview,
  isSlow: false,
  async probe() {
    const slow = setTimeout(() => set({ isSlow: true }), SLOW_AFTER_MS);
    try {
      const overview = await api.overview(AbortSignal.timeout(RESPONSE_TIMEOUT_MS));
      set((state) => recordOverview(state, overview, Date.now()));
    } catch (thrown) {
      // A gateway that requires a key is reachable, and the API key dialog is open by now.
      if (thrown instanceof AppError && thrown.code === 'UNAUTHENTICATED') return;
      set((state) => recordFailure(state, toAppError(thrown, RESPONSE_TIMEOUT_MS).message, Date.now()));
    } finally {
      clearTimeout(slow);
      set({ isSlow: false });
    }
  },
}));

/** Probes the system at this interval while the component is mounted and the tab is visible. */
export function useOverviewPolling(intervalMs: number): void {
  useQuery({
    queryKey: ['overview'],
    // The store keeps the history, so the query has no data.
    queryFn: () =>
      useOverview
        .getState()
        .probe()
        .then(() => null),
    refetchInterval: intervalMs,
  });
}
