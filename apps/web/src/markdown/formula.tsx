import { lazyPart } from '../design/lazy-part.tsx';
import type { FormulaToken } from './formula-tokens.ts';

interface FormulaProps {
  tex: string;
  source: string;
  isDisplay: boolean;
}

/** Shows the source until KaTeX has been downloaded, which the first formula starts. */
const RenderedFormula = lazyPart(() => import('./math/rendered-formula.tsx'), {
  skeleton: ({ source }: FormulaProps) => source,
  failure: 'skeleton',
});

export function Formula({ token: { tex, raw, isDisplay } }: { token: FormulaToken }) {
  return <RenderedFormula tex={tex} source={raw} isDisplay={isDisplay} />;
}
