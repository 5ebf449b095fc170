import { Link, useLocation } from 'wouter';

export function NotFoundPage() {
  const [location] = useLocation();
  return (
    <div className="m-auto w-full max-w-180 px-4 py-10 sm:px-8">
      <p className="font-mono text-sm text-text-3">404</p>
      <h1 className="mt-1 text-2xl font-semibold tracking-tight">There is no such page</h1>
      <p className="mt-2 text-prose text-text-2">
        Nothing is at <code className="font-mono text-base wrap-anywhere">{location}</code>. You can{' '}
        <Link href="/chat" className="text-accent underline underline-offset-3">
          ask a question
        </Link>{' '}
        or{' '}
        <Link href="/read" className="text-accent underline underline-offset-3">
          read the documents
        </Link>
        .
      </p>
    </div>
  );
}
