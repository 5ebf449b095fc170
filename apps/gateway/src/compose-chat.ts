import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createChatFiles, createChatService } from '@prodigon/chat-service';
import type { createGatewayService } from '@prodigon/gateway-service';
import { createHttpServer, type PreparedProcess, type ProcessParts, prepareServiceFolder, SETTINGS } from '@prodigon/platform';
import { createGenerationHolderClient } from '@prodigon/service-clients';
import { type ChatStorage, createFileStore } from '@prodigon/storage';
import { internalUrl } from './internal-url.ts';

export interface ChatDependencies {
  readonly gateway: Pick<ReturnType<typeof createGatewayService>, 'calls' | 'models' | 'model'>;
  readonly storage: ChatStorage;
}

/** Builds the conversations of a gateway, and the server on which it serves running responses to other gateways. */
export async function composeChat(
  { configuration, dataDirectory, internalToken, lifecycle, logger, metrics }: PreparedProcess,
  { gateway, storage }: ChatDependencies,
  env: NodeJS.ProcessEnv,
) {
  const { INTERNAL_HOST, CHAT_PORT, GATEWAY_PORT, CONNECT_TIMEOUT_MS } = configuration;
  const holder = { id: randomUUID(), url: '' };
  const holders = createGenerationHolderClient({ internalToken, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  const folders = { attachments: join(dataDirectory, 'attachments'), imports: join(dataDirectory, 'imports') };
  for (const path of Object.values(folders)) prepareServiceFolder(path, env);
  const files = createChatFiles({
    ...storage,
    files: createFileStore(folders.attachments),
    importsDirectory: folders.imports,
    createContext: gateway.calls.createContext,
    logger,
  });
  const chat = createChatService({
    stores: storage,
    ...gateway,
    holder,
    holders,
    hasModelTitles: configuration.CHAT_TITLES,
    readAttachments: files.readAttachments,
    lifecycle,
    metrics,
    logger,
  });
  const server = await createHttpServer({
    service: 'gateway',
    logger,
    metrics,
    authentication: { internalToken, openMetrics: false },
    http2: true,
    plugins: chat.internalPlugins,
  });
  const internal: NonNullable<ProcessParts['internal']> = {
    server: {
      async listen(address) {
        await server.listen(address);
        const { port } = server.server.address() as AddressInfo;
        holder.url = internalUrl(INTERNAL_HOST, port);
        return port;
      },
      close: () => server.close(),
    },
    host: INTERNAL_HOST,
    // Random ports are for several platforms on one machine.
    port: CHAT_PORT ?? (GATEWAY_PORT === 0 ? 0 : undefined),
    defaultPort: Number(SETTINGS.CHAT_PORT.default),
    portVariable: 'CHAT_PORT',
  };
  const closers = [() => chat.close(), () => files.close(), () => holders.close(), () => storage.close()];
  return { plugins: [...chat.plugins, ...files.plugins], internal, closers };
}
