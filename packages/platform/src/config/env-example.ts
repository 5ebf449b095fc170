import { SETTINGS, type Setting } from './settings.ts';

/** The text of `.env.example`: every variable with what it does and its default, nothing set. */
export function renderEnvExample(): string {
  const header = [
    '# Copy this file to .env and set what you need; everything has a default that works.',
    '# Each variable can also be given as NAME_FILE, the path of a file that holds the value.',
    '# A variable of the environment wins over this file.',
  ];
  const entries = Object.entries<Setting>(SETTINGS).map(
    ([name, { description, default: fallback }]) => `# ${description}\n# ${name}=${fallback}`,
  );
  return `${[header.join('\n'), ...entries].join('\n\n')}\n`;
}
