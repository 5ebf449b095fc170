import type { Task } from '@prodigon/contracts/workshop';

export interface LabAction {
  label: string;
  /** The fragment of the part of the lab page. */
  hash: string;
}

/** The commands that the lab page offers as a form or a button. The lesson only links to them. */
const ACTIONS: Record<string, LabAction> = {
  predict: { label: 'Predict in the lab', hash: 'predict' },
  run: { label: 'Run in the lab', hash: 'run' },
  start: { label: 'Start in the lab', hash: 'checks' },
  check: { label: 'Check in the lab', hash: 'checks' },
  hint: { label: 'Get a hint in the lab', hash: 'checks' },
};

/** Returns the actions of the lab page for the `prodigon lab …` commands of this task, without duplicates. */
export function labActionsOf(commands: string, task: Pick<Task, 'id' | 'slug' | 'lab'>): LabAction[] {
  const names = [task.id, String(Number(task.id)), task.slug, task.lab];
  const actions = commands.split('\n').flatMap((line) => {
    const [, command = '', name = ''] = /^\s*(?:\$ )?(?:\.\/)?prodigon lab ([a-z]+)\s+(\S+)/.exec(line) ?? [];
    const action = Object.hasOwn(ACTIONS, command) ? ACTIONS[command] : undefined;
    return action && names.includes(name) ? [action] : [];
  });
  return [...new Set(actions)];
}
