import { runProcess } from '@prodigon/platform';
import { buildGatewayApp } from './gateway-app.ts';

await runProcess(() => buildGatewayApp(process.env), process.env);
