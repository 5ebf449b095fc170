import type { BrowserContextOptions, CDPSession, Page } from 'playwright-core';

export interface Screen {
  readonly name: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
  /** A phone has a touch screen, a mobile viewport and overlay scrollbars. */
  readonly isPhone: boolean;
}

const DESKTOP = { viewport: { width: 1280, height: 800 }, isPhone: false };
const PHONE = { viewport: { width: 390, height: 844 }, isPhone: true };

/** A desktop and a mobile screen, each in both themes. */
export const SCREENS = {
  desktopLight: { name: 'desktop, light', colorScheme: 'light', ...DESKTOP },
  desktopDark: { name: 'desktop, dark', colorScheme: 'dark', ...DESKTOP },
  mobileLight: { name: 'mobile, light', colorScheme: 'light', ...PHONE },
  mobileDark: { name: 'mobile, dark', colorScheme: 'dark', ...PHONE },
} as const satisfies Record<string, Screen>;

/** Returns the options with which a page opens on the screen. */
export function optionsOf({ viewport, colorScheme, isPhone }: Screen): BrowserContextOptions {
  return { viewport, colorScheme, isMobile: isPhone, hasTouch: isPhone };
}

/** The sessions that emulate a phone in a page that opened on a desktop. */
const phoneSessions = new WeakMap<Page, CDPSession>();

/**
 * Shows a page that opened on a desktop on another screen, without loading it again. Resolves when the web UI has rendered
 * for that screen. Back on a desktop, the page has no fine pointer until it loads again.
 */
export async function showOn(page: Page, { viewport, colorScheme, isPhone }: Screen): Promise<void> {
  if (isPhone) await emulatePhone(page, viewport);
  else await endPhone(page, viewport);
  await page.emulateMedia({ colorScheme });
  const queries = [
    `(width: ${viewport.width}px) and (height: ${viewport.height}px)`,
    `(prefers-color-scheme: ${colorScheme})`,
    isPhone ? '(pointer: coarse)' : 'not (pointer: coarse)',
  ];
  await page.waitForFunction((all) => all.every((query) => matchMedia(query).matches), queries);
  await page.evaluate(untilRendered);
}

/** Ends what `showOn` emulates: shows a page again as it opened, in the light theme, once it loads another document. */
export async function endEmulation(page: Page, viewport: Screen['viewport']): Promise<void> {
  await endPhone(page, viewport);
  await page.emulateMedia({ colorScheme: 'light' });
}

async function emulatePhone(page: Page, viewport: Screen['viewport']): Promise<void> {
  if (phoneSessions.has(page)) return;
  const session = await page.context().newCDPSession(page);
  phoneSessions.set(page, session);
  await session.send('Emulation.setDeviceMetricsOverride', { ...viewport, deviceScaleFactor: 1, mobile: true });
  await session.send('Emulation.setTouchEmulationEnabled', { enabled: true });
}

async function endPhone(page: Page, viewport: Screen['viewport']): Promise<void> {
  await phoneSessions.get(page)?.detach();
  phoneSessions.delete(page);
  await page.setViewportSize(viewport);
}

/** Waits in the page until React has rendered, the frame is laid out, and transitions and entry animations have ended. */
async function untilRendered(): Promise<void> {
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  await nextFrame();
  await nextFrame();
  const ends = ({ effect }: Animation) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY;
  await Promise.allSettled(
    document
      .getAnimations()
      .filter(ends)
      .map(({ finished }) => finished),
  );
}
