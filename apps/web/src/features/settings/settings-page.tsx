import { Link, useLocation } from 'wouter';
import { Page } from '../../design/page.tsx';
import { useTitle } from '../../design/use-title.ts';
import { ModelsTab } from './models-tab.tsx';

const TABS = [{ href: '/settings/models', label: 'Models and defaults' }] as const;

export default function SettingsPage() {
  const [location] = useLocation();
  useTitle('Models and defaults · Settings');
  return (
    <Page title="Settings" lead="Kept on this browser.">
      <nav aria-label="Settings" className="flex gap-1 border-b border-border">
        {TABS.map(({ href, label }) => (
          <Link
            key={href}
            href={href}
            aria-current={href === location ? 'page' : undefined}
            className="target -mb-px inline-flex items-center border-b-2 border-transparent px-3 font-medium text-text-2 aria-[current]:border-accent aria-[current]:text-text"
          >
            {label}
          </Link>
        ))}
      </nav>
      <ModelsTab />
    </Page>
  );
}
