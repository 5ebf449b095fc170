import { runProcess } from '@prodigon/platform';
import { buildModelApp } from './model-app.ts';

await runProcess(() => buildModelApp(process.env), process.env);
