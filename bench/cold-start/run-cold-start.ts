import { describeMachine, measureVariants, type RunningVariant } from '@prodigon/lab';
import { startTestPostgres } from '@prodigon/testing';
import { measureOptions } from '../common/measure-options.ts';
import type { PartOptions } from '../common/part-options.ts';
import { plotVariants } from '../common/plot-variants.ts';
import { printVariants } from '../common/print-variants.ts';
import { writeReportableResult } from '../common/write-result.ts';
import { createPeers } from '../peers/create-peers.ts';
import { startProvider } from '../provider/start-provider.ts';
import { createAppStarts } from './app-starts.ts';

/** Starts a process. Resolves when it responds. */
type Start = () => Promise<{ close(): Promise<void> }>;

interface StartingVariant extends RunningVariant {
  readonly begin: Start;
}

/** Measures the time from the start of a process to its first response, relative to a process that only imports its packages. */
export async function runColdStart(options: PartOptions): Promise<void> {
  const machine = describeMachine();
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME };
  const postgres = await startTestPostgres();
  const provider = await startProvider({ env });
  const apps = await createAppStarts(env, postgres.url);
  const peers = createPeers({ databaseUrl: postgres.url });

  const variant = (name: string, begin: Start, comparedWith?: string) => ({
    name,
    ...(comparedWith && { comparedWith }),
    // No process of a variant runs between the rounds.
    start: async (): Promise<StartingVariant> => ({ pids: [], begin, close: async () => {} }),
  });
  try {
    const report = await measureVariants({
      variants: [
        ...(['nginx', 'bare-1', 'portkey'] as const).map((id) =>
          variant(peers[id].name, () => peers[id].start({ providerUrl: provider.url, env })),
        ),
        ...(['gateway', 'model', 'monolith'] as const).flatMap((name) => [
          variant(`packages of ${name}`, () => apps.importPackagesOf(name)),
          variant(`Prodigon, ${name}`, () => apps.startApp(name), `packages of ${name}`),
        ]),
      ],
      async measure({ begin }) {
        const startedAt = performance.now();
        const started = await begin();
        const figures = { ready_ms: performance.now() - startedAt };
        await started.close();
        return { figures, loads: [] };
      },
      ...measureOptions(options),
    });
    const columns = [{ figure: 'ready_ms', title: 'ready after ms', isBetterWhen: 'less', hasRatio: true }] as const;
    printVariants(report.variants, columns);
    writeReportableResult(
      'cold-start',
      { ...machine, ...report },
      options,
      plotVariants('From start to first response', report.variants, columns),
    );
  } finally {
    await apps.close();
    await provider.close();
    await postgres.close();
  }
}
