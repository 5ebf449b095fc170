import { createContentStore } from '@prodigon/content';
import { composeGateway } from '@prodigon/gateway';
import { composeModel } from '@prodigon/model';
import { createHealth, type ProcessParts, prepareProcess } from '@prodigon/platform';
import { createLocalServiceProbe } from '@prodigon/service-clients';
import { composeWorker } from '@prodigon/worker';

/** Builds all services as one process with the public API of the gateway. */
export async function buildMonolithApp(env: NodeJS.ProcessEnv): Promise<ProcessParts> {
  const prepared = prepareProcess({ service: 'monolith', env });
  const { configuration, lifecycle, identity } = prepared;
  const content = createContentStore(configuration);
  const { model, closers: modelClosers } = composeModel(prepared, content);
  const { worker, closers: workerClosers } = await composeWorker(prepared, model.client);
  const gateway = await composeGateway(prepared, {
    model: model.client,
    jobs: worker.client,
    content,
    probes: ['gateway', 'model', 'worker'].map((name) =>
      createLocalServiceProbe({ name, health: createHealth({ service: name, ...identity, lifecycle }) }),
    ),
    topology: 'monolith',
    needsModelService: false,
  });
  worker.start();
  return { ...gateway, closers: [...workerClosers, ...modelClosers] };
}
