import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** The response to a query: rows of text, or the SQLSTATE of an error. */
export type FakeResult = { readonly rows: readonly Readonly<Record<string, string>>[] } | { readonly error: string };

/** Starts a server in the process of the test that speaks enough of PostgreSQL's protocol for single queries. */
export async function startFakePostgres(respond: (sql: string, database: string) => FakeResult) {
  const queries: string[] = [];
  const server = createServer((socket) => {
    let database = '';
    readMessages(socket, (type, body) => {
      if (type === 'startup') {
        const fields = body.toString('utf8', 4).split('\0');
        database = fields[fields.indexOf('database') + 1] ?? '';
        socket.write(Buffer.concat([message('R', int32(0)), message('Z', Buffer.from('I'))]));
      } else if (type === 'X') socket.end();
      // A simple query, or the Parse message of one with parameters, whose statement has no name.
      else if (type === 'Q' || type === 'P') {
        const sql = body.toString('utf8', type === 'P' ? 1 : 0).split('\0')[0] ?? '';
        queries.push(`${database}: ${sql}`);
        const prefix = type === 'P' ? Buffer.concat([message('1'), message('2')]) : Buffer.alloc(0);
        socket.write(Buffer.concat([prefix, encode(respond(sql, database)), message('Z', Buffer.from('I'))]));
      }
    });
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { queries, url: `postgresql://ada:secret@127.0.0.1:${port}/jobs` };
}

function readMessages(socket: Socket, onMessage: (type: string, body: Buffer) => void): void {
  let buffer: Buffer = Buffer.alloc(0);
  let isStarted = false;
  socket.on('data', (chunk) => {
    buffer = Buffer.concat([buffer, chunk as Buffer]);
    for (;;) {
      const start = isStarted ? 1 : 0;
      if (buffer.length < start + 4 || buffer.length < start + buffer.readInt32BE(start)) return;
      const end = start + buffer.readInt32BE(start);
      const type = isStarted ? String.fromCharCode(buffer[0] ?? 0) : 'startup';
      const body = buffer.subarray(start + 4, end);
      buffer = buffer.subarray(end);
      isStarted = true;
      onMessage(type, body);
    }
  });
}

function encode(result: FakeResult): Buffer {
  if ('error' in result) return message('E', text('SERROR'), text(`C${result.error}`), text('Mfailed'), Buffer.from([0]));
  const names = Object.keys(result.rows[0] ?? {});
  const columns = names.map((name) => Buffer.concat([text(name), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)]));
  const rows = result.rows.map((row) => {
    const values = names.map((name) => Buffer.concat([int32(Buffer.byteLength(row[name] ?? '')), Buffer.from(row[name] ?? '')]));
    return message('D', int16(names.length), ...values);
  });
  return Buffer.concat([message('T', int16(names.length), ...columns), ...rows, message('C', text(`SELECT ${rows.length}`))]);
}

function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

const text = (value: string) => Buffer.from(`${value}\0`);

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}
