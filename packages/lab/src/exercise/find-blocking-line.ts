import type { ChildProcess } from 'node:child_process';
import { findLearnerLine, type LearnerFolder } from './learner-files.ts';

const INSPECTOR_URL = /ws:\/\/127\.0\.0\.1:\d+\/[\w-]+/;
const LIMIT_MS = 3_000;

interface InspectorMessage {
  readonly method?: string;
  readonly params?: {
    readonly scriptId?: string;
    readonly url?: string;
    readonly callFrames?: readonly { readonly location: { readonly scriptId: string; readonly lineNumber: number } }[];
  };
}

/**
 * Returns the line of the learner's code that blocks the event loop of a process, or null if it cannot be found. SIGUSR1 opens
 * the inspector of a Node process, which can pause an endless loop.
 */
export async function findBlockingLine(child: ChildProcess, folder: LearnerFolder): Promise<string | null> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  try {
    const url = await openInspector(child, limit);
    const stack = await pauseAndReadStack(url, limit);
    return findLearnerLine(stack, folder);
  } catch {
    // The report then contains no line.
    return null;
  }
}

function openInspector(child: ChildProcess, limit: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const onData = (chunk: Buffer) => {
      output = (output + chunk.toString('latin1')).slice(-10_000);
      const url = INSPECTOR_URL.exec(output)?.[0];
      if (url) resolve(url);
    };
    child.stderr?.on('data', onData);
    child.once('exit', () => reject(new Error('The process ended.')));
    limit.addEventListener('abort', () => reject(limit.reason), { once: true });
    child.kill('SIGUSR1');
  });
}

function pauseAndReadStack(url: string, limit: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const scripts = new Map<string, string>();
    const socket = new WebSocket(url);
    const finish = (settle: () => void) => {
      settle();
      socket.close();
    };
    limit.addEventListener('abort', () => finish(() => reject(limit.reason)), { once: true });
    socket.onerror = () => reject(new Error('The inspector closed the connection.'));
    socket.onopen = () => {
      socket.send(JSON.stringify({ id: 1, method: 'Debugger.enable' }));
      socket.send(JSON.stringify({ id: 2, method: 'Debugger.pause' }));
    };
    socket.onmessage = ({ data }) => {
      const { method, params }: InspectorMessage = JSON.parse(String(data));
      if (method === 'Debugger.scriptParsed' && params?.scriptId && params.url) scripts.set(params.scriptId, params.url);
      if (method !== 'Debugger.paused') return;
      const lines = (params?.callFrames ?? []).map(
        ({ location }) => `${scripts.get(location.scriptId) ?? ''}:${location.lineNumber + 1}`,
      );
      finish(() => resolve(lines.join('\n')));
    };
  });
}
