import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

// With `--import`: writes down the URL of each package's module that a file of ours imports, one a line.
const PACKAGE = '/node_modules/';
const file = process.env.IMPORTS_FILE ?? '';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const isOurs = context.parentURL !== undefined && !context.parentURL.includes(PACKAGE);
    if (isOurs && resolved.url.includes(PACKAGE)) appendFileSync(file, `${resolved.url}\n`);
    return resolved;
  },
});
