import katex from 'katex';
import 'katex/contrib/copy-tex';
import 'katex/dist/katex.min.css';
import { memo, useLayoutEffect, useRef } from 'react';
import { renderFormula } from './render-formula.ts';

interface RenderedFormulaProps {
  tex: string;
  source: string;
  isDisplay: boolean;
}

/** A formula, or its source if it is not valid TeX. */
export default memo(function RenderedFormula({ tex, source, isDisplay }: RenderedFormulaProps) {
  const container = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    container.current?.replaceChildren(renderFormula(katex, tex, isDisplay) ?? source);
  }, [tex, source, isDisplay]);
  if (!isDisplay) return <span ref={container} dir="ltr" className="formula" />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
    // biome-ignore lint/a11y/useSemanticElements: it groups a scrolling formula, not form fields.
    <span ref={container} dir="ltr" role="group" aria-label="Formula" tabIndex={0} className="formula formula-display" />
  );
});
