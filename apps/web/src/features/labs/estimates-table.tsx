import type { LabRun, RatioEstimate } from '@prodigon/contracts/workshop';
import { formatRatio } from './verdict-scale.ts';

interface EstimatesTableProps {
  run: LabRun;
  /** A second run, whose estimates appear beside those of the first. */
  other: LabRun | null;
}

/** A table of the ratios of each metric and arm to the baseline, with their intervals. */
export function EstimatesTable({ run, other }: EstimatesTableProps) {
  const armLabel = (id: string) => run.arms.find((arm) => arm.id === id)?.label ?? id;
  const metricLabel = (id: string) => run.metrics.find((metric) => metric.id === id)?.label ?? id;
  const inOther = ({ metric, arm }: RatioEstimate) =>
    other?.estimates.find((estimate) => estimate.metric === metric && estimate.arm === arm);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
    // biome-ignore lint/a11y/useSemanticElements: it groups a scrolling table, not form fields.
    <div role="group" aria-label="Ratios" tabIndex={0} className="overflow-x-auto border-t border-border p-5">
      <table className="tabular w-full text-sm">
        <caption className="pb-2 text-start text-text-2">
          Ratios to {armLabel(run.estimates[0]?.compared_with ?? '')}, with 95 % intervals
        </caption>
        <thead>
          <tr className="text-start text-text-2">
            {['Metric', 'Arm', 'This run', ...(other ? ['Other run'] : [])].map((heading) => (
              <th key={heading} scope="col" className="py-1 pe-4 text-start font-medium">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {run.estimates.map((estimate) => (
            <tr key={`${estimate.metric} ${estimate.arm}`} className="border-t border-border">
              <td className="py-1.5 pe-4">{metricLabel(estimate.metric)}</td>
              <td className="py-1.5 pe-4">{armLabel(estimate.arm)}</td>
              <Ratio estimate={estimate} />
              {other && <Ratio estimate={inOther(estimate)} />}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Ratio({ estimate }: { estimate: RatioEstimate | undefined }) {
  if (!estimate) return <td className="py-1.5 pe-4 text-text-3">–</td>;
  const [low, high] = estimate.interval;
  return (
    <td className="py-1.5 pe-4 whitespace-nowrap">
      <span className="font-semibold">{formatRatio(estimate.ratio)}</span>{' '}
      <span className="text-text-2">
        {formatRatio(low)} to {formatRatio(high)}
      </span>
    </td>
  );
}
