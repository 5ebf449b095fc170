import { runProcess } from '@prodigon/platform';
import { buildWorkerApp } from './worker-app.ts';

await runProcess(() => buildWorkerApp(process.env), process.env);
