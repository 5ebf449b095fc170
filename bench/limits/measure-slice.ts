import { Agent, request } from 'node:http';
import { sampleProcesses } from '@prodigon/lab';

export interface Slice {
  readonly call: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string };
  /** Keeps its connections between slices. */
  readonly agent: Agent;
  readonly connections: number;
  /** Requests that have begun by then run to their end. */
  readonly durationMs: number;
  /** Text at the end of each complete response. */
  readonly end: string;
  /** The processes whose CPU time counts. */
  readonly pids: readonly number[];
}

/** Sends requests one after another over each connection, and returns the CPU seconds of a response. */
export async function measureSlice({ call, agent, connections, durationMs, end, pids }: Slice): Promise<number> {
  const endsAt = performance.now() + durationMs;
  const before = sampleProcesses(pids).cpuSeconds;
  let responses = 0;
  async function repeat(): Promise<void> {
    while (performance.now() < endsAt) {
      await send(call, agent, end);
      responses += 1;
    }
  }
  await Promise.all(Array.from({ length: connections }, repeat));
  return (sampleProcesses(pids).cpuSeconds - before) / responses;
}

export const createAgent = (): Agent => new Agent({ keepAlive: true });

/** Rejects unless the response is complete. */
function send({ url, headers, body }: Slice['call'], agent: Agent, end: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) }, agent });
    sent.once('error', reject).once('response', (response) => {
      let tail = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        tail = `${tail}${text}`.slice(-end.length);
      });
      response.once('error', reject).once('end', () => {
        if (response.statusCode === 200 && tail === end) resolve();
        else reject(new Error(`A response with status ${response.statusCode} ended with: ${tail}`));
      });
    });
    sent.end(body);
  });
}
