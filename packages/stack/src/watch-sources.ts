import { existsSync, type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { systemTimers, type Timers } from './timers.ts';

const FOLDERS = ['packages', 'services', 'apps/gateway', 'apps/model', 'apps/worker', 'apps/monolith', 'apps/lab', 'config'];
/** Editors write a file in several steps, so `onChange` waits for a pause of this length. */
const DEBOUNCE_MS = 150;

export interface WatchOptions {
  readonly rootDirectory: string;
  /** Called once after a series of changes. */
  readonly onChange: () => void;
  readonly timers?: Timers;
}

/** Watches the source files of the services. Returns a function that stops watching. */
export function watchSources({ rootDirectory, onChange, timers = systemTimers }: WatchOptions): () => void {
  let cancelPending = () => {};
  const onFile = (file: string | null) => {
    if (file === null || !isSource(file)) return;
    cancelPending();
    cancelPending = timers.after(DEBOUNCE_MS, onChange);
  };
  const watchers: FSWatcher[] = FOLDERS.map((folder) => join(rootDirectory, folder))
    .filter((folder) => existsSync(folder))
    .map((folder) => watch(folder, { recursive: true }, (_event, file) => onFile(file)));
  return () => {
    cancelPending();
    for (const watcher of watchers) watcher.close();
  };
}

/** Returns whether a path below one of the watched folders may be a source file of a service. */
export function isSource(file: string): boolean {
  return /\.(ts|ya?ml|json)$/.test(file) && !/(^|[\\/])(node_modules|dist)[\\/]|\.test(-support)?\.ts$/.test(file);
}
