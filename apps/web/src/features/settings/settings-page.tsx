import { Link, useLocation } from 'wouter';
import { usePageTitle } from '../../design/browser-hooks.ts';
import { Page } from '../../design/page.tsx';
import { AppearanceTab } from './appearance-tab.tsx';
import { DataTab } from './data-tab.tsx';
import { ModelsTab } from './models-tab.tsx';
import { ProvidersTab } from './providers-tab.tsx';
import { SETTINGS_TABS } from './settings-tabs.ts';
import { ShortcutsTab } from './shortcuts-tab.tsx';

const CONTENTS = {
  models: ModelsTab,
  providers: ProvidersTab,
  appearance: AppearanceTab,
  data: DataTab,
  shortcuts: ShortcutsTab,
};

export default function SettingsPage() {
  const [location] = useLocation();
  const current = SETTINGS_TABS.find(({ href }) => href === location) ?? SETTINGS_TABS[0];
  const Content = CONTENTS[current.name];
  usePageTitle(`${current.label} · Settings`);
  return (
    <Page title="Settings" lead={current.lead}>
      <nav aria-label="Settings" className="flex gap-1 overflow-x-auto border-b border-border">
        {SETTINGS_TABS.map(({ href, label }) => (
          <Link
            key={href}
            href={href}
            aria-current={href === current.href ? 'page' : undefined}
            className="target -mb-px inline-flex shrink-0 items-center border-b-2 border-transparent px-3 font-medium text-text-2 aria-[current]:border-accent aria-[current]:text-text"
          >
            {label}
          </Link>
        ))}
      </nav>
      <Content />
    </Page>
  );
}
