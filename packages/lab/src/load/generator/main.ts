import type { FromGenerator, ToGenerator } from './messages.ts';
import { runLoad } from './run-load.ts';

const stopRequested = Promise.withResolvers<void>();
// The parent process may have ended.
const send = (message: FromGenerator) => void process.send?.(message, undefined, undefined, () => {});

process.on('message', (message: ToGenerator) => {
  if (message.type === 'stop') return stopRequested.resolve();
  runLoad(message.plan, () => send({ type: 'open' }), stopRequested.promise).then(
    (result) => send({ type: 'result', result }),
    (error: Error) => send({ type: 'failed', message: error.message }),
  );
});
// Ctrl-C reaches the whole process group. The parent process decides when the generator ends.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
send({ type: 'ready' });
