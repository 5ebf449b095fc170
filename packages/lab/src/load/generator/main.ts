import type { FromGenerator, ToGenerator } from './messages.ts';
import { runLoad } from './run-load.ts';

const stopRequested = Promise.withResolvers<void>();
const say = (message: FromGenerator) => void process.send?.(message);

process.on('message', (message: ToGenerator) => {
  if (message.type === 'stop') return stopRequested.resolve();
  runLoad(message.plan, () => say({ type: 'open' }), stopRequested.promise).then(
    (result) => say({ type: 'result', result }),
    (error: Error) => say({ type: 'failed', message: error.message }),
  );
});
// Ctrl-C reaches the whole group; whoever started us ends us, in its order.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
say({ type: 'ready' });
