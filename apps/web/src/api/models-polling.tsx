import { useModelsStore } from './models-store.ts';
import { usePolled } from './use-polled.ts';

const EVERY_MS = 2_000;

const load = (signal: AbortSignal) => useModelsStore.getState().load(signal);
const nextInMs = () => EVERY_MS;

/** Keeps the list of models fresh while it is rendered and the page is visible. */
export function ModelsPolling() {
  usePolled(load, nextInMs);
  return null;
}
