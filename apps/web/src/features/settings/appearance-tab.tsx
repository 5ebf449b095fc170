import type { ReactNode } from 'react';
import { SegmentedControl } from '../../design/form-controls.tsx';
import { Panel } from '../../design/page.tsx';
import { type TextSize, useTextSize } from '../../design/text-size.ts';
import { type Theme, useTheme } from '../../design/theme.tsx';

const THEMES: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

const TEXT_SIZES: readonly { value: TextSize; label: string }[] = [
  { value: 'normal', label: 'Normal' },
  { value: 'large', label: 'Large' },
  { value: 'largest', label: 'Largest' },
];

/** Theme and text size of this browser. */
export function AppearanceTab() {
  const { theme, select: selectTheme } = useTheme();
  const { textSize, select: selectTextSize } = useTextSize();
  return (
    <Panel title="Appearance">
      <div className="flex flex-col divide-y divide-border">
        <Row label="Theme">
          <SegmentedControl label="Theme" options={THEMES} value={theme} onChange={selectTheme} />
        </Row>
        <Row label="Text size">
          <SegmentedControl label="Text size" options={TEXT_SIZES} value={textSize} onChange={selectTextSize} />
        </Row>
      </div>
    </Panel>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-5 py-3">
      <span aria-hidden className="font-medium">
        {label}
      </span>
      {children}
    </div>
  );
}
