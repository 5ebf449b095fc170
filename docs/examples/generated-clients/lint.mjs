// Prints every problem that the recommended rules of Redocly and Spectral find. Usage: `node lint.mjs openapi.json`.
import { readFileSync } from 'node:fs';
import { createConfig, lint } from '@redocly/openapi-core';
import spectralCore from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';

const [file = 'openapi.json'] = process.argv.slice(2);
const config = await createConfig({ extends: ['recommended'] });
const spectral = new spectralCore.Spectral();
spectral.setRuleset({ extends: [[rulesets.oas, 'recommended']] });

const problems = [
  ...(await lint({ ref: file, config })).map(({ ruleId, message }) => `redocly ${ruleId}: ${message}`),
  ...(await spectral.run(JSON.parse(readFileSync(file, 'utf8')))).map(
    ({ code, message, path }) => `spectral ${code}: ${message} at ${path.join('/')}`,
  ),
];
for (const problem of problems) console.log(problem);
console.log(`${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
