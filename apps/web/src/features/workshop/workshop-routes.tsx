import { WEB_UI_ROUTES } from '@prodigon/contracts';
import { Redirect, Route, Switch } from 'wouter';
import { lazyPart } from '../../design/lazy-part.tsx';
import { PageSkeleton, TextSkeleton } from '../../design/skeleton.tsx';

const WorkshopPage = lazyPart(() => import('./workshop-page.tsx'), { skeleton: PageSkeleton });
const TaskPage = lazyPart(() => import('./task-page.tsx'), { skeleton: PageSkeleton });
const LessonPage = lazyPart(() => import('./lesson-page.tsx'), { skeleton: TextSkeleton });
const LabPage = lazyPart(() => import('../labs/lab-page.tsx'), { skeleton: PageSkeleton });
const LabRunPage = lazyPart(() => import('../labs/lab-run-page.tsx'), { skeleton: PageSkeleton });

const { workshop, labs } = WEB_UI_ROUTES;

/** The routes of the workshop. They download with its first page, so that the chat does not pay for them. */
export default function WorkshopRoutes() {
  return (
    <Switch>
      <Route path={workshop}>
        <WorkshopPage />
      </Route>
      <Route path={`${workshop}/:task`}>{({ task }) => <TaskPage key={task} task={task} />}</Route>
      <Route path={`${workshop}/:task/:section`}>
        {({ task, section }) => <LessonPage key={task} task={task} section={section} />}
      </Route>
      <Route path={`${labs}/:lab`}>{({ lab }) => <LabPage key={lab} lab={lab} />}</Route>
      <Route path={`${labs}/:lab/runs/:run`}>{({ lab, run }) => <LabRunPage key={run} lab={lab} run={run} />}</Route>
      <Route>
        <Redirect to={workshop} replace />
      </Route>
    </Switch>
  );
}
