import { useEffect, useState } from 'react';
import { checkVersion, reloadIfReachable, type VersionCheck } from './app-version.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

/** The download of a part of the web UI failed. */
export class PartDownloadError extends Error {
  override name = 'PartDownloadError';
}

interface FailureNoticeProps {
  error: unknown;
  onRetry: () => void;
}

/** Explains why a part of the page is missing, and offers a retry or a reload. */
export function FailureNotice({ error, onRetry }: FailureNoticeProps) {
  const isDownload = error instanceof PartDownloadError;
  const [version, setVersion] = useState<VersionCheck>();
  useEffect(() => {
    if (isDownload) void checkVersion().then(setVersion);
  }, [isDownload]);
  useEffect(() => {
    if (!isDownload) return;
    addEventListener('online', onRetry);
    return () => removeEventListener('online', onRetry);
  }, [isDownload, onRetry]);

  const reload = async () => {
    if (!(await reloadIfReachable())) setVersion('unreachable');
  };
  const retry = () => {
    // The pressed button disappears, and the focus must not fall to the body.
    document.getElementById('main')?.focus({ preventScroll: true });
    onRetry();
  };
  const reloadButton = <Button onClick={() => void reload()}>Reload page</Button>;
  if (version === 'new') {
    return (
      <Notice severity="info" title="Prodigon was updated" actions={reloadButton}>
        Reload the page to open this part. Your conversation and drafts are kept.
      </Notice>
    );
  }
  return (
    <Notice
      severity="bad"
      title={isDownload ? 'Could not load this part of the page' : 'Could not display this part of the page'}
      actions={
        <>
          <Button onClick={retry}>Retry</Button>
          {version !== 'unreachable' && reloadButton}
        </>
      }
    >
      {version === 'unreachable' && unreachableMessage()}
    </Notice>
  );
}

function unreachableMessage(): string {
  const reason = navigator.onLine ? 'Prodigon is not responding.' : 'You are offline.';
  return `${reason} Everything else on this page stays usable, and nothing that you typed is lost.`;
}
