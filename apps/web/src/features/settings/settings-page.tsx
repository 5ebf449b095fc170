import { useLocation } from 'wouter';
import { usePageTitle } from '../../design/browser-hooks.ts';
import { lazyPart } from '../../design/lazy-part.tsx';
import { Page } from '../../design/page.tsx';
import { ListSkeleton } from '../../design/skeleton.tsx';
import { TabLinks } from '../../design/tab-links.tsx';
import { AppearanceTab } from './appearance-tab.tsx';
import { DataTab } from './data-tab.tsx';
import { ModelsTab } from './models-tab.tsx';
import { ProvidersTab } from './providers-tab.tsx';
import { SETTINGS_TABS } from './settings-tabs.ts';
import { ShortcutsTab } from './shortcuts-tab.tsx';

const ApiKeysTab = lazyPart(() => import('../keys/api-keys-tab.tsx'), { skeleton: ListSkeleton });

const CONTENTS = {
  models: ModelsTab,
  providers: ProvidersTab,
  keys: ApiKeysTab,
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
      <div className="border-b border-border">
        <TabLinks
          label="Settings"
          tabs={SETTINGS_TABS.map(({ href, label }) => ({ href, label, isCurrent: href === current.href }))}
        />
      </div>
      <Content />
    </Page>
  );
}
