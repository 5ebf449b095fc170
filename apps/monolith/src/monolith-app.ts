import { createContentStore } from '@prodigon/content';
import { composeGateway } from '@prodigon/gateway';
import { composeModel } from '@prodigon/model';
import { createReadiness, type ProcessParts, prepareProcess } from '@prodigon/platform';
import { createHttpServiceProbe, createLabClient, createLocalServiceProbe, labServiceUrls } from '@prodigon/service-clients';
import { openKeyStorage, openRedis } from '@prodigon/storage';
import { composeWorker } from '@prodigon/worker';

/** Builds all services as one process with the public API of the gateway. */
export async function buildMonolithApp(env: NodeJS.ProcessEnv): Promise<ProcessParts> {
  const prepared = prepareProcess({ service: 'monolith', env });
  const { configuration, internalToken, lifecycle, identity } = prepared;
  const labs = createLabClient(configuration, internalToken);
  const content = createContentStore(configuration);
  const keys = openKeyStorage(configuration);
  const { model, providerSettings, checks: modelChecks, closers: modelClosers } = composeModel(prepared, { content, keys }, env);
  const redis = await openRedis(prepared);
  const { worker, checks: workerChecks, closers: workerClosers } = await composeWorker(prepared, { model: model.client, redis });
  const gateway = await composeGateway(
    prepared,
    {
      keys,
      redis,
      model: model.client,
      providerSettings,
      jobs: worker.client,
      labs,
      content,
      probes: [
        ...[
          { name: 'gateway', checks: [] },
          { name: 'model', checks: modelChecks },
          { name: 'worker', checks: workerChecks },
        ].map(({ name, checks }) =>
          createLocalServiceProbe({ name, readiness: createReadiness({ service: name, ...identity, lifecycle, checks }) }),
        ),
        createHttpServiceProbe({ name: 'lab', urls: labServiceUrls(configuration) }),
      ],
      topology: 'monolith',
      // Chat works without the database.
      checks: workerChecks.map((check) => ({ ...check, required: false })),
    },
    env,
  );
  worker.start();
  const closers = [async () => redis?.close(), () => labs.close(), () => keys.close()];
  return { ...gateway, service: 'monolith', closers: [...workerClosers, ...modelClosers, ...gateway.closers, ...closers] };
}
