/** The entry script for which this tab has already reloaded, so that a broken deployment cannot reload it forever. */
const RELOADED_KEY = 'prodigon.reloaded-for';
const RESPONSE_TIMEOUT_MS = 5_000;

/** Whether the gateway serves the version of the web UI that this tab runs. */
export type VersionCheck = 'same' | 'new' | 'unreachable';

const reasonsToWait = new Set<() => boolean>();

/** Registers work that a reload would interrupt. While it returns true, only the user reloads the page. */
export function postponeReloadWhile(isBusy: () => boolean): void {
  reasonsToWait.add(isBusy);
}

/** Returns the entry script of an HTML document of the build; undefined for other documents, such as an error of a proxy. */
export function entryScriptOf(html: string): string | undefined {
  return /<script\b[^>]*\btype="module"[^>]*\bsrc="([^"]+)"/.exec(html)?.[1];
}

export interface VersionDependencies {
  /** The entry script of this tab. */
  currentEntry: string | undefined;
  fetchDocument: () => Promise<string>;
  storage: Pick<Storage, 'getItem' | 'setItem'>;
  reload: () => void;
}

/**
 * Compares the running version with the one that the gateway serves. A deployment deletes the code of the previous version,
 * so a tab of that version reloads once, unless that would interrupt something. Typed text is saved before a reload.
 */
export async function checkVersion(dependencies: VersionDependencies = browserDependencies()): Promise<VersionCheck> {
  const { currentEntry, fetchDocument, storage, reload } = dependencies;
  let latestEntry: string | undefined;
  try {
    latestEntry = entryScriptOf(await fetchDocument());
  } catch {
    return 'unreachable';
  }
  if (latestEntry === undefined) return 'unreachable';
  if (latestEntry === currentEntry) return 'same';
  const isBusy = [...reasonsToWait].some((isReason) => isReason());
  if (!isBusy && storage.getItem(RELOADED_KEY) !== latestEntry) {
    storage.setItem(RELOADED_KEY, latestEntry);
    reload();
  }
  return 'new';
}

/** Reloads the page if the gateway responds. Otherwise the browser would replace the page with its error page. */
export async function reloadIfReachable(): Promise<boolean> {
  try {
    await browserDependencies().fetchDocument();
  } catch {
    return false;
  }
  location.reload();
  return true;
}

function browserDependencies(): VersionDependencies {
  return {
    currentEntry: document.querySelector('script[type="module"][src]')?.getAttribute('src') ?? undefined,
    async fetchDocument() {
      const response = await fetch('/', { cache: 'no-store', signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS) });
      if (!response.ok) throw new Error(`The gateway returned ${response.status}`);
      return response.text();
    },
    storage: sessionStorage,
    reload: () => location.reload(),
  };
}
