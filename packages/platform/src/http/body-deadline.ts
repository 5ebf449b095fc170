import fp from 'fastify-plugin';

export interface BodyDeadlineOptions {
  withinMs: number;
}

/**
 * Cuts off who lets a body drip in: it has to be whole within the limit. The file of an upload may take
 * longer, as long as something of it arrives within each such span.
 */
export const bodyDeadline = fp<BodyDeadlineOptions>(async (app, { withinMs }) => {
  app.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    const { 'content-length': length, 'transfer-encoding': encoding } = raw.headers;
    const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
    if (!hasBody || raw.httpVersionMajor > 1) return done();

    const isUpload = request.routeOptions.config.isUpload === true;
    let seen = raw.socket.bytesRead;
    const timer = setInterval(() => {
      const isArriving = isUpload && raw.socket.bytesRead !== seen;
      seen = raw.socket.bytesRead;
      if (!isArriving) raw.destroy();
    }, withinMs);
    const stop = () => clearInterval(timer);
    raw.once('end', stop).once('close', stop);
    done();
  });
});
