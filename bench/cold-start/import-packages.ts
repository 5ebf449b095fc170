import { readFileSync } from 'node:fs';

// `node import-packages.ts <file>` imports recorded packages, to measure the start of the runtime and its packages alone.
const urls = readFileSync(process.argv[2] ?? '', 'utf8')
  .trim()
  .split('\n');
await Promise.all(urls.map((url) => import(url)));
process.send?.({ type: 'ready', url: '' });
