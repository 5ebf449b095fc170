import { type ComponentType, lazy, type ReactNode, Suspense, useState } from 'react';
import { ErrorBoundary } from './error-boundary.tsx';
import { PartDownloadError } from './failure-notice.tsx';

interface LazyPartOptions<Props> {
  /** Shown during the download. */
  skeleton?: (props: Props) => ReactNode;
  /** Whether a failure appears inside the page, above the page where a dialog would, or leaves the skeleton. */
  failure?: 'inline' | 'overlay' | 'skeleton';
}

/** A part of the web UI with its own download. */
export interface LazyPart<Props> {
  (props: Props): ReactNode;
  /** Starts the download. A failed download is repeated, and reported, when the part renders. */
  preload: () => Promise<void>;
}

const parts = new Set<() => Promise<void>>();

/**
 * Creates a part of the web UI that downloads when it first renders. It has its own skeleton, and its own error boundary with
 * a retry, so that a failed download never affects the rest of the page.
 */
export function lazyPart<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
  { skeleton = () => null, failure = 'inline' }: LazyPartOptions<Props> = {},
): LazyPart<Props> {
  // `lazy` keeps the result of its download, also a failure, so each attempt needs another one.
  const attempt = () =>
    lazy(async () => {
      try {
        return await load();
      } catch (cause) {
        latest = attempt();
        throw new PartDownloadError('A part of the web UI could not be downloaded', { cause });
      }
    });
  let latest = attempt();

  // biome-ignore lint/correctness/noComponentHookFactories: each part is created once, with its module.
  function Part(props: Props): ReactNode {
    const [Content, setContent] = useState(() => latest);
    const placeholder = skeleton(props);
    return (
      <ErrorBoundary
        {...(failure === 'skeleton' ? { fallback: placeholder } : { placement: failure })}
        onRetry={() => setContent(latest)}
      >
        <Suspense fallback={placeholder}>
          <Content {...props} />
        </Suspense>
      </ErrorBoundary>
    );
  }
  Part.preload = () =>
    load().then(
      () => {},
      () => {},
    );
  parts.add(Part.preload);
  return Part;
}

/** Downloads all parts one after another while the browser is idle, so that they open without a gateway. */
export function preloadPartsWhenIdle(): void {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (connection?.saveData) return;
  const queue = [...parts];
  const next = () => void queue.shift()?.().then(schedule);
  const schedule = () => {
    if (queue.length === 0) return;
    if ('requestIdleCallback' in window) requestIdleCallback(next);
    else setTimeout(next, 200);
  };
  schedule();
}
