import { Panel } from '../../design/page.tsx';

const SHORTCUTS = [
  { keys: ['Enter'], action: 'Send the question' },
  { keys: ['Shift', 'Enter'], action: 'Start a new line in the question' },
  { keys: ['Ctrl', 'Enter'], action: 'Send the question, also on phones and tablets' },
  { keys: ['Esc'], action: 'Stop the response, or close a dialog' },
  { keys: ['↑', '↓'], action: 'Move through the models of the model picker' },
  { keys: ['Tab'], action: 'After loading a page: skip the navigation' },
] as const;

export function ShortcutsTab() {
  return (
    <Panel title="Keyboard shortcuts">
      <dl className="divide-y divide-border">
        {SHORTCUTS.map(({ keys, action }) => (
          <div key={action} className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 px-5 py-3">
            <dt>{action}</dt>
            <dd className="flex gap-1">
              {keys.map((key) => (
                <kbd key={key} className="rounded-sm border border-control bg-surface px-2 py-0.5 font-mono text-xs">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
