import { parseArgs } from 'node:util';

/** The options of `prodigon start`, whose own parser needs the installed packages. */
export const START_OPTIONS = {
  topology: { type: 'string' },
  only: { type: 'string' },
  replicas: { type: 'string' },
  watch: { type: 'boolean' },
};

/**
 * Returns what is wrong with the arguments of `npm start`, or undefined. Runs before a first start, which takes minutes.
 * @param {string[]} args
 */
export function findStartProblem(args) {
  try {
    parseArgs({ args, options: { ...START_OPTIONS, help: { type: 'boolean', short: 'h' } }, allowNegative: true });
    return undefined;
  } catch (error) {
    const names = Object.keys(START_OPTIONS).map((name) => `--${name}`);
    return `${error.message.split('. ')[0]}. The options are ${names.join(', ')}. GATEWAY_PORT sets the port.`;
  }
}
