import type { LoadPlan } from '../load-plan.ts';
import type { LoadResult } from '../load-result.ts';
import { createCaller } from './create-caller.ts';
import { openConnections } from './open-connections.ts';
import { createRecorder } from './recorder.ts';
import { runClosedLoop } from './run-closed-loop.ts';
import { runOpenLoop } from './run-open-loop.ts';
import { runStreams } from './run-streams.ts';

/** Runs a load plan. A stream load calls `onOpen` when its measurement window opens; `stopRequested` ends one without a duration. */
export async function runLoad(plan: LoadPlan, onOpen: () => void, stopRequested: Promise<void>): Promise<LoadResult> {
  const { call, schedule } = plan;
  const recorder = createRecorder(plan);
  const caller = createCaller(plan, recorder);
  const count = schedule.type === 'streams' ? schedule.streams : schedule.connections;
  const connections = await openConnections(call.url, count);
  if (schedule.type === 'streams') {
    const open = () => {
      recorder.open();
      onOpen();
    };
    await runStreams(connections, caller, schedule, { open, close: recorder.close, stopRequested });
  } else {
    recorder.open();
    if (schedule.type === 'open') await runOpenLoop(connections, caller, schedule);
    else await runClosedLoop(connections, caller, schedule.durationMs);
  }
  recorder.close();
  for (const connection of connections) void connection.destroy();
  return recorder.result();
}
