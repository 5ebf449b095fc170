import type { AppError } from '@prodigon/contracts';
import type { CheckRun, CreateVisit, Task, TaskFiles, Workshop } from '@prodigon/contracts/workshop';
import { useMutation, useQuery } from '@tanstack/react-query';
import { changeQueryData, queryClient, queryFn } from '../../api/query-client.ts';
import { workshopApi } from '../../api/workshop-api.ts';

export const workshopKeys = {
  overview: ['workshop'] as const,
  task: (task: string) => ['workshop', 'task', task] as const,
  files: (task: string) => ['workshop', 'files', task] as const,
};

export function useWorkshop() {
  return useQuery<Workshop, AppError>({
    queryKey: workshopKeys.overview,
    queryFn: queryFn((signal) => workshopApi.getWorkshop({}, undefined, signal)),
  });
}

/** `task` is the number or the slug of a task. */
export function useTask(task: string) {
  return useQuery<Task, AppError>({
    queryKey: workshopKeys.task(task),
    queryFn: queryFn((signal) => workshopApi.getTask({ task }, undefined, signal)),
    enabled: task !== '',
  });
}

export function useTaskFiles(task: string) {
  return useQuery<TaskFiles, AppError>({
    queryKey: workshopKeys.files(task),
    queryFn: queryFn((signal) => workshopApi.getTaskFiles({ task }, undefined, signal)),
  });
}

let lastVisit = Promise.resolve();

/**
 * Reports that a section was opened or read to its end, and updates the ticks of the lesson. One report follows the other, so
 * that the newest state arrives last. A failure costs only a tick.
 */
export function visitSection(task: string, visit: CreateVisit): Promise<void> {
  const report = async () => {
    queryClient.setQueryData(workshopKeys.task(task), await workshopApi.visitSection({ task }, visit));
    void queryClient.invalidateQueries({ queryKey: workshopKeys.overview, exact: true });
  };
  lastVisit = lastVisit.then(report).catch(() => undefined);
  return lastVisit;
}

const refetchTask = (task: string) => {
  void queryClient.invalidateQueries({ queryKey: workshopKeys.task(task) });
  void queryClient.invalidateQueries({ queryKey: workshopKeys.files(task) });
  void queryClient.invalidateQueries({ queryKey: workshopKeys.overview, exact: true });
};

export type TaskAction = 'startTask' | 'resetTask' | 'applySolution';

/** Creates the learner's copy, or replaces it with the starter or the solution. */
export function useTaskAction(task: string) {
  return useMutation<TaskFiles, AppError, TaskAction>({
    networkMode: 'always',
    mutationFn: (action) =>
      action === 'applySolution' ? workshopApi.applySolution({ task }, {}) : workshopApi[action]({ task }),
    onSuccess: () => refetchTask(task),
  });
}

export function useShowHint(task: string) {
  return useMutation<unknown, AppError, string>({
    networkMode: 'always',
    mutationFn: (check) => workshopApi.showHint({ task }, { check }),
    onSuccess: () => refetchTask(task),
  });
}

/** Runs all checks, or only those with the given ids. */
export function useStartChecks(task: string) {
  return useMutation<CheckRun, AppError, { only?: string[] }>({
    networkMode: 'always',
    mutationFn: ({ only }) => workshopApi.createCheckRun({ task }, { only: only ?? null }),
    onSuccess: (run) => putCheckRun(task, run),
  });
}

export function useCancelChecks(task: string) {
  return useMutation<CheckRun, AppError, string>({
    networkMode: 'always',
    mutationFn: (run) => workshopApi.cancelCheckRun({ task, run }),
    onSuccess: (run) => putCheckRun(task, run),
  });
}

/** Shows a newer state of a check run. At its end, the progress of the task changes too. */
export function putCheckRun(task: string, run: CheckRun): void {
  changeQueryData<Task>(workshopKeys.task(task), (before) => ({ ...before, last_check_run: run }));
  if (!isActive(run)) refetchTask(task);
}

/** Whether an experiment or a run of checks is queued or running. */
export const isActive = ({ status }: { status: string }): boolean => status === 'queued' || status === 'running';
