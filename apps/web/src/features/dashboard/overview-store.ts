import { AppError } from '@prodigon/contracts';
import { create } from 'zustand';
import { api } from '../../api/api.ts';
import { initialOverview, type OverviewState, recordAnswer, recordFailure } from './overview-state.ts';

const ANSWER_TIMEOUT_MS = 5_000;
/** A request that takes this long is worth a word before it has failed. */
const SLOW_AFTER_MS = 3_000;

interface OverviewStore extends OverviewState {
  isSlow: boolean;
  /** Asks the gateway once. Never rejects: a failure is a result. */
  probe: () => Promise<void>;
}

/** What the gateway measured about the system; the dashboard, the status mark and the connection strip read it. */
export const useOverview = create<OverviewStore>()((set) => ({
  ...initialOverview,
  isSlow: false,
  async probe() {
    const slow = setTimeout(() => set({ isSlow: true }), SLOW_AFTER_MS);
    try {
      const overview = await api.overview(AbortSignal.timeout(ANSWER_TIMEOUT_MS));
      set((state) => recordAnswer(state, overview, Date.now()));
    } catch (thrown) {
      // A gateway that wants a key is there; the dialog for it is open by now.
      if (thrown instanceof AppError && thrown.code === 'UNAUTHENTICATED') return;
      set((state) => recordFailure(state, wordsFor(thrown), Date.now()));
    } finally {
      clearTimeout(slow);
      set({ isSlow: false });
    }
  },
}));

function wordsFor(thrown: unknown): string {
  if (thrown instanceof AppError) return thrown.message;
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return `The gateway did not answer within ${ANSWER_TIMEOUT_MS / 1_000} seconds.`;
  }
  return 'The gateway’s answer could not be read.';
}
