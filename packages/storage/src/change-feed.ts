import type { ConversationChange, ConversationChangeFeed, JobChange, JobChangeFeed } from '@prodigon/ports';
import pg from 'pg';
import { CONNECTION_LIMITS } from './connection-limits.ts';

/** The channels of the triggers in the migrations 0008 and 0011. */
const JOB_CHANNEL = 'prodigon_job_changed';
const CONVERSATION_CHANNEL = 'prodigon_conversation_changed';
const RECONNECT_DELAY_MS = 1_000;

interface ChangeFeed<Change> {
  readonly isConnected: boolean;
  subscribe(listener: (change: Change | undefined) => void): () => void;
  close(): Promise<void>;
}

interface ChangeFeedOptions<Change> {
  readonly url: string;
  readonly channel: string;
  readonly toChange: (ownerId: string, id: string) => Change;
}

/** Creates a feed of changes of jobs, see `createChangeFeed`. */
export function createJobChangeFeed({ url }: { url: string }): JobChangeFeed & { close(): Promise<void> } {
  return createChangeFeed<JobChange>({ url, channel: JOB_CHANNEL, toChange: (ownerId, jobId) => ({ ownerId, jobId }) });
}

/** Creates a feed of changes of conversations, see `createChangeFeed`. */
export function createConversationChangeFeed({ url }: { url: string }): ConversationChangeFeed & { close(): Promise<void> } {
  const toChange = (ownerId: string, conversationId: string): ConversationChange => ({ ownerId, conversationId });
  return createChangeFeed({ url, channel: CONVERSATION_CHANNEL, toChange });
}

/** Creates a feed over a connection of its own, which it opens for the first subscriber and reopens when it breaks. */
function createChangeFeed<Change>({ url, channel, toChange }: ChangeFeedOptions<Change>): ChangeFeed<Change> {
  const listeners = new Set<(change: Change | undefined) => void>();
  let client: pg.Client | undefined;
  let reconnecting: NodeJS.Timeout | undefined;
  let isConnected = false;
  let isClosed = false;

  const publish = (change: Change | undefined) => {
    for (const listener of listeners) listener(change);
  };

  function connectLater(): void {
    if (!isClosed) reconnecting = setTimeout(() => void connect(), RECONNECT_DELAY_MS).unref();
  }

  async function connect(): Promise<void> {
    let connection: pg.Client;
    try {
      connection = new pg.Client({
        connectionString: url,
        ...CONNECTION_LIMITS,
        application_name: 'prodigon',
      });
    } catch {
      // The certificate that the URL names cannot be read.
      connectLater();
      return;
    }
    client = connection;
    const onLost = () => {
      if (client !== connection) return;
      client = undefined;
      isConnected = false;
      connection.end().catch(() => {});
      connectLater();
    };
    connection.on('error', onLost).on('end', onLost);
    connection.on('notification', ({ payload }) => publish(parseChange(payload, toChange)));
    try {
      await connection.connect();
      await connection.query(`listen ${channel}`);
      isConnected = true;
      // Changes before the connection had no listener.
      publish(undefined);
    } catch {
      onLost();
    }
  }

  return {
    get isConnected() {
      return isConnected;
    },
    subscribe(listener) {
      listeners.add(listener);
      if (!client && !reconnecting && !isClosed) void connect();
      return () => void listeners.delete(listener);
    },
    async close() {
      isClosed = true;
      clearTimeout(reconnecting);
      const open = client;
      client = undefined;
      await open?.end().catch(() => {});
    },
  };
}

/** Parses `<owner id>/<id>`. Only the owner id may contain a slash. */
function parseChange<Change>(payload = '', toChange: ChangeFeedOptions<Change>['toChange']): Change | undefined {
  const slash = payload.lastIndexOf('/');
  return slash < 0 ? undefined : toChange(payload.slice(0, slash), payload.slice(slash + 1));
}
