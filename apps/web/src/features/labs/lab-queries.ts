import type { AppError } from '@prodigon/contracts';
import type { CreateLabRun, CreatePrediction, Lab, LabRun, LabStatus, Prediction } from '@prodigon/contracts/workshop';
import { useMutation, useQuery } from '@tanstack/react-query';
import { changeQueryData, queryClient, queryFn } from '../../api/query-client.ts';
import { workshopApi } from '../../api/workshop-api.ts';
import { isActive, workshopKeys } from '../workshop/workshop-queries.ts';

const labKeys = {
  lab: (lab: string) => ['labs', lab] as const,
  run: (lab: string, run: string) => ['labs', lab, 'runs', run] as const,
  status: ['labs', 'status'] as const,
};

export function useLab(lab: string) {
  return useQuery<Lab, AppError>({
    queryKey: labKeys.lab(lab),
    queryFn: queryFn((signal) => workshopApi.getLab({ lab }, undefined, signal)),
    enabled: lab !== '',
  });
}

export function useLabRun(lab: string, run: string | null) {
  return useQuery<LabRun, AppError>({
    queryKey: labKeys.run(lab, run ?? ''),
    queryFn: queryFn((signal) => workshopApi.getLabRun({ lab, run: run ?? '' }, undefined, signal)),
    enabled: run !== null,
    // A run that has ended never changes.
    staleTime: ({ state }) => (state.data && !isActive(state.data) ? Number.POSITIVE_INFINITY : 0),
  });
}

const QUEUE_POLL_MS = 2_000;

/** The running and queued activities, polled while this page waits for one of them. */
export function useLabStatus(isWaiting: boolean) {
  return useQuery<LabStatus, AppError>({
    queryKey: labKeys.status,
    queryFn: queryFn((signal) => workshopApi.getLabStatus({}, undefined, signal)),
    enabled: isWaiting,
    refetchInterval: QUEUE_POLL_MS,
  });
}

export function refetchLab(lab: Pick<Lab, 'id' | 'task'>): void {
  void queryClient.invalidateQueries({ queryKey: labKeys.lab(lab.id), exact: true });
  void queryClient.invalidateQueries({ queryKey: workshopKeys.task(lab.task) });
  void queryClient.invalidateQueries({ queryKey: workshopKeys.overview, exact: true });
}

export function usePredict(lab: Lab) {
  return useMutation<Prediction, AppError, CreatePrediction>({
    networkMode: 'always',
    mutationFn: (prediction) => workshopApi.createPrediction({ lab: lab.id }, prediction),
    onSuccess(prediction) {
      queryClient.setQueryData<Lab>(labKeys.lab(lab.id), (before) => before && { ...before, prediction });
      refetchLab(lab);
    },
  });
}

export function useStartRun(lab: Lab) {
  return useMutation<LabRun, AppError, CreateLabRun>({
    networkMode: 'always',
    mutationFn: (options) => workshopApi.createLabRun({ lab: lab.id }, options),
    onSuccess(run) {
      putLabRun(run);
      queryClient.setQueryData<Lab>(labKeys.lab(lab.id), (before) => before && { ...before, active_run: run.id });
      refetchLab(lab);
    },
  });
}

export function useStopRun(lab: Pick<Lab, 'id' | 'task'>) {
  return useMutation<LabRun, AppError, string>({
    networkMode: 'always',
    mutationFn: (run) => workshopApi.cancelLabRun({ lab: lab.id, run }),
    onSuccess(run) {
      putLabRun(run);
      refetchLab(lab);
    },
  });
}

/** Shows a newer state of a run. */
export function putLabRun(run: LabRun): void {
  const queryKey = labKeys.run(run.lab, run.id);
  void queryClient.cancelQueries({ queryKey, exact: true });
  queryClient.setQueryData<LabRun>(queryKey, run);
}

export function changeLabRun(lab: string, run: string, change: (before: LabRun) => LabRun): void {
  changeQueryData(labKeys.run(lab, run), change);
}
