import { runProcess } from '@prodigon/platform';
import { buildMonolithApp } from './monolith-app.ts';

await runProcess(() => buildMonolithApp(process.env), process.env);
