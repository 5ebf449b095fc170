import { QueryClientProvider } from '@tanstack/react-query';
import { BookOpen, ChartColumn, Gauge, Layers, MessageSquare, Settings } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { useApiKey } from './api/api.ts';
import { queryClient } from './api/query-client.ts';
import { Shell } from './design/shell.tsx';
import { ChatPage } from './features/chat/chat-page.tsx';
import { ConversationColumn } from './features/chat/conversation-column.tsx';
import { ConnectionBanner, StatusLink } from './features/dashboard/system-status.tsx';

const ApiKeyDialog = lazy(() => import('./api/api-key-dialog.tsx'));
const ReadPage = lazy(() => import('./features/reader/read-page.tsx'));
const DocumentTree = lazy(() => import('./features/reader/document-tree.tsx'));
const JobsPage = lazy(() => import('./features/jobs/list/jobs-page.tsx'));
const NewJobPage = lazy(() => import('./features/jobs/new/new-job-page.tsx'));
const JobPage = lazy(() => import('./features/jobs/detail/job-page.tsx'));
const DashboardPage = lazy(() => import('./features/dashboard/dashboard-page.tsx'));
const UsagePage = lazy(() => import('./features/usage/usage-page.tsx'));
const SettingsPage = lazy(() => import('./features/settings/settings-page.tsx'));

const PAGES = [
  { href: '/chat', label: 'Chat', icon: MessageSquare, column: { label: 'Conversation', content: <ConversationColumn /> } },
  { href: '/read', label: 'Read', icon: BookOpen, column: { label: 'Documents', content: <DocumentTree /> } },
  { href: '/jobs', label: 'Jobs', icon: Layers, column: null },
  { href: '/dashboard', label: 'Dashboard', icon: Gauge, column: null },
  { href: '/usage', label: 'Usage', icon: ChartColumn, column: null },
] as const;

const SETTINGS = { href: '/settings', label: 'Settings', icon: Settings, column: null } as const;

/** These have pages below them, which set their own titles. */
const WITH_SUBPAGES: readonly string[] = ['/read', '/jobs', '/settings'];

export function App() {
  const [location] = useLocation();
  const isKeyRequired = useApiKey((state) => state.isKeyRequired);
  const page = [...PAGES, SETTINGS].find(
    ({ href }) => location === href || (WITH_SUBPAGES.includes(href) && location.startsWith(`${href}/`)),
  );
  useEffect(() => {
    if (!page || !WITH_SUBPAGES.includes(page.href)) document.title = `${page?.label ?? 'Page not found'} · Prodigon`;
  }, [page]);
  return (
    <QueryClientProvider client={queryClient}>
      <Shell
        destinations={PAGES.map(({ href, label, icon }) => ({ href, label, icon, isCurrent: href === page?.href }))}
        settings={{ ...SETTINGS, isCurrent: page === SETTINGS }}
        title={page?.label ?? 'Page not found'}
        status={<StatusLink />}
        context={page?.column ? { ...page.column, content: <Suspense>{page.column.content}</Suspense> } : null}
        banner={<ConnectionBanner />}
      >
        <Suspense>
          <Switch>
            <Route path="/">
              <Redirect to="/chat" replace />
            </Route>
            <Route path="/chat">
              <ChatPage />
            </Route>
            <Route path="/read/*?">
              <ReadPage />
            </Route>
            <Route path="/jobs">
              <JobsPage />
            </Route>
            <Route path="/jobs/new">
              <NewJobPage />
            </Route>
            <Route path="/jobs/:id">{({ id }) => <JobPage key={id} jobId={id} />}</Route>
            <Route path="/dashboard">
              <DashboardPage />
            </Route>
            <Route path="/usage">
              <UsagePage />
            </Route>
            <Route path="/settings">
              <Redirect to="/settings/models" replace />
            </Route>
            <Route path="/settings/models">
              <SettingsPage />
            </Route>
            <Route>
              <NotFoundPage />
            </Route>
          </Switch>
        </Suspense>
      </Shell>
      <Suspense>{isKeyRequired && <ApiKeyDialog />}</Suspense>
    </QueryClientProvider>
  );
}

function NotFoundPage() {
  const [location] = useLocation();
  return (
    <div className="m-auto w-full max-w-180 px-4 py-10 sm:px-8">
      <p className="font-mono text-sm text-text-3">404</p>
      <h1 className="mt-1 text-2xl font-semibold tracking-tight">Page not found</h1>
      <p className="mt-2 text-prose text-text-2">
        There is no page at <code className="font-mono text-base wrap-anywhere">{location}</code>. You can{' '}
        <Link href="/chat" className="text-accent underline underline-offset-3">
          ask a question
        </Link>{' '}
        or{' '}
        <Link href="/read" className="text-accent underline underline-offset-3">
          read the documentation
        </Link>
        .
      </p>
    </div>
  );
}
