import { AppError, type UsageQuery } from '@prodigon/contracts';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import { Button } from '../../design/button.tsx';
import { downloadText } from '../../design/download-text.ts';

const TIMEOUT_MS = 30_000;

/** Downloads the rows of a report as CSV. */
export function ExportButton({ query }: { query: () => UsageQuery }) {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const download = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const selection = query();
      const csv = await api.usageCsv(selection, AbortSignal.timeout(TIMEOUT_MS));
      downloadText(`usage-${selection.from}-to-${selection.to}.csv`, csv, 'text/csv');
    } catch (thrown) {
      setFailure(AppError.from(thrown).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button variant="quiet" disabled={isBusy} onClick={() => void download()}>
        <Download aria-hidden size={16} /> CSV
      </Button>
      {failure !== null && (
        <p role="alert" className="text-sm text-bad">
          Not exported: {failure}
        </p>
      )}
    </>
  );
}
