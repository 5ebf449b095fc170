import { create } from 'zustand';

export type TextSize = 'normal' | 'large' | 'largest';

/** `public/theme.js` reads the same key before the first paint. */
const STORAGE_KEY = 'prodigon.text-size';

interface TextSizeState {
  textSize: TextSize;
  select: (textSize: TextSize) => void;
}

/** The size of all text, relative to the browser's own setting. base.css defines the sizes. */
export const useTextSize = create<TextSizeState>()((set) => ({
  textSize: initialTextSize(),
  select(textSize) {
    if (textSize === 'normal') delete document.documentElement.dataset.textSize;
    else document.documentElement.dataset.textSize = textSize;
    try {
      if (textSize === 'normal') localStorage.removeItem(STORAGE_KEY);
      else localStorage.setItem(STORAGE_KEY, textSize);
    } catch {
      // Storage is blocked: the size lasts until the next reload.
    }
    set({ textSize });
  },
}));

function initialTextSize(): TextSize {
  const { textSize } = document.documentElement.dataset;
  return textSize === 'large' || textSize === 'largest' ? textSize : 'normal';
}
