import { WEB_UI_ROUTES } from '@prodigon/contracts';
import { QueryClientProvider } from '@tanstack/react-query';
import { BookOpen, ChartColumn, FlaskConical, Gauge, Layers, MessageSquare, Settings } from 'lucide-react';
import { useEffect } from 'react';
import { Link, Redirect, Route, Switch, useLocation, useRoute } from 'wouter';
import { useApiKey } from './api/api.ts';
import { queryClient } from './api/query-client.ts';
import { ErrorBoundary } from './design/error-boundary.tsx';
import { lazyPart, preloadPartsWhenIdle } from './design/lazy-part.tsx';
import { Shell } from './design/shell.tsx';
import { ListSkeleton, PageSkeleton, TextSkeleton } from './design/skeleton.tsx';
import { lastChat } from './features/chat/chat-location.ts';
import { ChatPage } from './features/chat/chat-page.tsx';
import { ConnectionBanner, StatusLink } from './features/dashboard/system-status.tsx';
import { LimitBanner } from './features/keys/limit-banner.tsx';
import { SETTINGS_TABS } from './features/settings/settings-tabs.ts';

const ApiKeyDialog = lazyPart(() => import('./api/api-key-dialog.tsx'), { failure: 'overlay' });
const ConversationColumn = lazyPart(() => import('./features/chat/column/conversation-column.tsx'), { skeleton: ListSkeleton });
const SharedPage = lazyPart(() => import('./features/chat/shared-page.tsx'), { skeleton: TextSkeleton });
const ReadPage = lazyPart(() => import('./features/reader/read-page.tsx'), { skeleton: TextSkeleton });
const DocumentTree = lazyPart(() => import('./features/reader/document-tree.tsx'), { skeleton: ListSkeleton });
const WorkshopRoutes = lazyPart(() => import('./features/workshop/workshop-routes.tsx'), { skeleton: PageSkeleton });
const WorkshopColumn = lazyPart(() => import('./features/workshop/workshop-column.tsx'), { skeleton: ListSkeleton });
const JobsPage = lazyPart(() => import('./features/jobs/list/jobs-page.tsx'), { skeleton: PageSkeleton });
const NewJobPage = lazyPart(() => import('./features/jobs/new/new-job-page.tsx'), { skeleton: PageSkeleton });
const JobPage = lazyPart(() => import('./features/jobs/detail/job-page.tsx'), { skeleton: PageSkeleton });
const DashboardPage = lazyPart(() => import('./features/dashboard/dashboard-page.tsx'), { skeleton: PageSkeleton });
const UsagePage = lazyPart(() => import('./features/usage/usage-page.tsx'), { skeleton: PageSkeleton });
const SettingsPage = lazyPart(() => import('./features/settings/settings-page.tsx'), { skeleton: PageSkeleton });

const PAGES = [
  {
    href: WEB_UI_ROUTES.chat,
    label: 'Chat',
    icon: MessageSquare,
    column: { label: 'Conversations', content: <ConversationColumn />, isShownAtFirst: true },
  },
  {
    href: WEB_UI_ROUTES.workshop,
    label: 'Workshop',
    icon: FlaskConical,
    column: { label: 'Lesson', content: <WorkshopColumn />, isShownAtFirst: true },
  },
  {
    href: WEB_UI_ROUTES.read,
    label: 'Docs',
    icon: BookOpen,
    column: { label: 'Documents', content: <DocumentTree />, isShownAtFirst: true },
  },
  { href: WEB_UI_ROUTES.jobs, label: 'Jobs', icon: Layers, column: null },
  { href: WEB_UI_ROUTES.dashboard, label: 'Dashboard', icon: Gauge, column: null },
  { href: WEB_UI_ROUTES.usage, label: 'Usage', icon: ChartColumn, column: null },
] as const;

const SETTINGS = { href: WEB_UI_ROUTES.settings, label: 'Settings', icon: Settings, column: null } as const;

/** Routes with subroutes, which set their own titles. */
const WITH_SUBPAGES: readonly string[] = [
  WEB_UI_ROUTES.chat,
  WEB_UI_ROUTES.workshop,
  WEB_UI_ROUTES.read,
  WEB_UI_ROUTES.jobs,
  WEB_UI_ROUTES.settings,
];

/** The workshop and its labs, which have routes of their own. */
const WORKSHOP_PATHS = /^\/(?:workshop|labs)(?:\/|$)/;

/** The route whose entry of the navigation a path belongs to. */
const destinationOf = (location: string) =>
  location.startsWith(`${WEB_UI_ROUTES.labs}/`) ? location.replace(WEB_UI_ROUTES.labs, WEB_UI_ROUTES.workshop) : location;

export function App() {
  const [, shared] = useRoute(`${WEB_UI_ROUTES.shared}/:token`);
  return (
    <QueryClientProvider client={queryClient}>{shared ? <SharedPage token={shared.token} /> : <OwnerApp />}</QueryClientProvider>
  );
}

/** Everything but the conversations that others have shared. */
function OwnerApp() {
  const [location] = useLocation();
  const destination = destinationOf(location);
  const isKeyRequired = useApiKey((state) => state.isKeyRequired);
  const page = [...PAGES, SETTINGS].find(
    ({ href }) => destination === href || (WITH_SUBPAGES.includes(href) && destination.startsWith(`${href}/`)),
  );
  // The list of tasks has no lesson.
  const context = location === WEB_UI_ROUTES.workshop ? null : (page?.column ?? null);
  useEffect(() => {
    if (!page || !WITH_SUBPAGES.includes(page.href)) document.title = `${page?.label ?? 'Page not found'} · Prodigon`;
  }, [page]);
  useEffect(preloadPartsWhenIdle, []);
  return (
    <>
      <Shell
        destinations={PAGES.map(({ href, label, icon }) => ({
          // The chat opens where this tab has left it. In the chat, its link starts a new one.
          href: href === WEB_UI_ROUTES.chat && page?.href !== href ? lastChat() : href,
          label,
          icon,
          isCurrent: href === page?.href,
        }))}
        settings={{ ...SETTINGS, isCurrent: page === SETTINGS }}
        title={page?.label ?? 'Page not found'}
        status={<StatusLink />}
        context={context}
        banner={
          <>
            <ConnectionBanner />
            <LimitBanner />
          </>
        }
      >
        <ErrorBoundary resetKey={location}>
          <Switch>
            <Route path="/">
              <Redirect to={WEB_UI_ROUTES.chat} replace />
            </Route>
            <Route path={`${WEB_UI_ROUTES.chat}/:id?`}>{({ id }) => <ChatPage conversationId={id} />}</Route>
            <Route path={`${WEB_UI_ROUTES.read}/*?`}>
              <ReadPage />
            </Route>
            <Route path={WORKSHOP_PATHS}>
              <WorkshopRoutes />
            </Route>
            <Route path={WEB_UI_ROUTES.jobs}>
              <JobsPage />
            </Route>
            <Route path={`${WEB_UI_ROUTES.jobs}/new`}>
              <NewJobPage />
            </Route>
            <Route path={`${WEB_UI_ROUTES.jobs}/:id`}>{({ id }) => <JobPage key={id} jobId={id} />}</Route>
            <Route path={WEB_UI_ROUTES.dashboard}>
              <DashboardPage />
            </Route>
            <Route path={WEB_UI_ROUTES.usage}>
              <UsagePage />
            </Route>
            <Route path={WEB_UI_ROUTES.settings}>
              <Redirect to={SETTINGS_TABS[0].href} replace />
            </Route>
            {SETTINGS_TABS.map(({ href }) => (
              <Route key={href} path={href}>
                <SettingsPage />
              </Route>
            ))}
            <Route>
              <NotFoundPage />
            </Route>
          </Switch>
        </ErrorBoundary>
      </Shell>
      {isKeyRequired && <ApiKeyDialog />}
    </>
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
