import { runProcess } from '@prodigon/platform';
import { buildLabApp } from './lab-app.ts';

await runProcess(() => buildLabApp(process.env), process.env);
