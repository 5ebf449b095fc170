import type { FromGenerator, ToGenerator } from './messages.ts';
import { runLoad } from './run-load.ts';

const told = Promise.withResolvers<void>();
const say = (message: FromGenerator) => void process.send?.(message);

process.on('message', (message: ToGenerator) => {
  if (message.type === 'stop') return told.resolve();
  runLoad(message.plan, () => say({ type: 'open' }), told.promise).then(
    (result) => say({ type: 'result', result }),
    (error: Error) => say({ type: 'failed', message: error.message }),
  );
});
// Ctrl-C reaches the whole group; whoever started us ends us, in its order.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
say({ type: 'ready' });
