import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type LabStack, startLabStack, withProbe } from '@prodigon/lab';
import { findStacks } from '@prodigon/stack';
import { type FaultProvider, startFaultProvider } from '@prodigon/testing';
import type { MeasuredProcess } from '../common/measured-process.ts';
import { startProvider } from '../provider/start-provider.ts';

export interface SupervisedProcess {
  /** The process name of the supervisor, e.g. `model service 2`. */
  readonly name: string;
  readonly pid: number;
  readonly restarts: number;
}

export interface SoakPlatform {
  readonly url: string;
  /** The folder with the probes of its processes. */
  readonly probeDirectory: string;
  /** Returns the running processes without the database. */
  processes(): SupervisedProcess[];
  /** Returns the number of calls of the echoing provider by prompt. */
  callsByPrompt(): Map<string, number>;
  /** The file with the output of its processes. */
  readonly outputPath: string;
  close(): Promise<void>;
}

/** Starts the complete platform as services, with two model services and two workers, and a steady and a failing provider. */
export async function startSoakPlatform(signal: AbortSignal): Promise<SoakPlatform> {
  const probeDirectory = mkdtempSync('/tmp/prodigon-soak-');
  const { PATH, HOME } = process.env;
  let steady: MeasuredProcess | null = null;
  let failing: FaultProvider | null = null;
  let stack: LabStack | null = null;
  const close = async () => {
    await stack?.close();
    await failing?.close();
    await steady?.close();
    rmSync(probeDirectory, { recursive: true, force: true });
  };
  try {
    steady = await startProvider({ env: { PATH, HOME } });
    failing = await startFaultProvider();
    const { calls, baseUrl } = failing;
    const settings = {
      NODE_OPTIONS: `--import ${new URL('./disable-optimizers.ts', import.meta.url).href}`,
      MODELS_FILE: join(import.meta.dirname, 'models.yaml'),
      OPENAI_BASE_URL: `${steady.url}/v1`,
      OLLAMA_BASE_URL: baseUrl,
    };
    const env = withProbe(settings, { runId: 'soak', directory: probeDirectory });
    stack = await startLabStack({ topology: 'services', replicas: { model: 2, worker: 2 }, env, signal });
    const { url, dataDirectory } = stack;
    return {
      url,
      probeDirectory,
      outputPath: join(dataDirectory, 'output.log'),
      processes: () =>
        findStacks(dataDirectory)
          .flatMap(({ state }) => state.processes)
          .flatMap(({ service, title, process, restarts }) =>
            service === 'database' || !process ? [] : [{ name: title, pid: process.pid, restarts }],
          ),
      callsByPrompt() {
        const times = new Map<string, number>();
        for (const { prompt } of calls) times.set(prompt, (times.get(prompt) ?? 0) + 1);
        return times;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
