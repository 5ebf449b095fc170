import { type AppError, readerPath } from '@prodigon/contracts';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Button } from '../../design/button.tsx';
import { Notice, StaleNotice } from '../../design/notice.tsx';
import { useContentTree } from '../reader/content-queries.ts';

interface WorkshopFailureProps {
  title: string;
  failure: AppError;
  onRetry: () => void;
}

/** Explains why the workshop cannot be loaded, and what to do about it. */
export function WorkshopFailure({ title, failure, onRetry }: WorkshopFailureProps): ReactNode {
  const retry = <Button onClick={onRetry}>Retry now</Button>;
  switch (failure.code) {
    case 'LABS_DISABLED':
      return (
        <Notice severity="info" title="The workshop is off on this platform" actions={retry}>
          The workshop runs your code, so it needs the platform on your own machine without containers: <Code>npm start</Code>. It
          is off there if other computers can reach the platform. <Code>LABS=on ./prodigon start</Code> turns it on.
        </Notice>
      );
    case 'SERVICE_UNAVAILABLE':
      return (
        <Notice severity="bad" title="The lab service is not responding" actions={retry}>
          The platform restarts it automatically. If the problem persists, <Code>./prodigon status</Code> shows the state of the
          service. Your progress and your code in <Code>my/</Code> are safe.
        </Notice>
      );
    default:
      return <StaleNotice title={title} failure={failure} receivedAt={null} onRetry={onRetry} />;
  }
}

function Code({ children }: { children: ReactNode }) {
  return <code className="rounded-sm bg-surface-2 px-1 font-mono wrap-anywhere">{children}</code>;
}

/** Links to the lessons, which are readable without the lab service. */
export function LessonsInReader() {
  const { tree } = useContentTree();
  const lessons = tree.state === 'ready' ? tree.value.filter(({ path }) => /^workshop\/.*\/lesson\.md$/.test(path)) : [];
  if (lessons.length === 0) return null;
  return (
    <section>
      <h2 className="font-semibold">Read a lesson without its lab</h2>
      <ul className="mt-2 list-disc ps-5">
        {lessons.map(({ path, title }) => (
          <li key={path}>
            <Link href={readerPath(path)} className="text-accent underline underline-offset-3">
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
