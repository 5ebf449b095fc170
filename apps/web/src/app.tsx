import { BookOpen, ChartColumn, Gauge, Layers, MessageSquare, Settings } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { ApiKeyDialog } from './api/api-key-dialog.tsx';
import { Shell } from './design/shell.tsx';
import { ChatPage } from './features/chat/chat-page.tsx';
import { ConversationColumn } from './features/chat/conversation-column.tsx';
import { ConnectionStrip } from './features/dashboard/connection-strip.tsx';
import { StatusLink } from './features/dashboard/status-link.tsx';
import { useOverviewPolling } from './features/dashboard/use-overview-polling.ts';
import { NotFoundPage } from './not-found-page.tsx';

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

/** Pages with pages below them, which give their own titles. */
const WITH_SUBPAGES: readonly string[] = ['/read', '/jobs', '/settings'];

export function App() {
  const [location] = useLocation();
  const page = [...PAGES, SETTINGS].find(
    ({ href }) => location === href || (WITH_SUBPAGES.includes(href) && location.startsWith(`${href}/`)),
  );
  useOverviewPolling(page?.href === '/dashboard');
  useEffect(() => {
    if (!page || !WITH_SUBPAGES.includes(page.href)) document.title = `${page?.label ?? 'Not found'} · Prodigon`;
  }, [page]);
  return (
    <>
      <Shell
        destinations={PAGES.map(({ href, label, icon }) => ({ href, label, icon, isCurrent: href === page?.href }))}
        settings={{ ...SETTINGS, isCurrent: page === SETTINGS }}
        title={page?.label ?? 'Not found'}
        status={<StatusLink />}
        context={page?.column ? { ...page.column, content: <Suspense>{page.column.content}</Suspense> } : null}
        strip={<ConnectionStrip />}
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
      <ApiKeyDialog />
    </>
  );
}
