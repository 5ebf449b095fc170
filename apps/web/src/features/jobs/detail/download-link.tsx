import { AppError, type JobResultsQuery } from '@prodigon/contracts';
import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClasses } from '../../../design/button.tsx';
import { needsKey, resultsName, resultsPath, saveResults } from './download-results.ts';

interface DownloadLinkProps {
  jobId: string;
  outcome: JobResultsQuery['outcome'];
  onFailure: (failure: AppError) => void;
  children: ReactNode;
}

export function DownloadLink({ jobId, outcome, onFailure, children }: DownloadLinkProps) {
  return (
    <a
      href={resultsPath(jobId, outcome)}
      download={resultsName(jobId, outcome)}
      onClick={(event) => {
        if (!needsKey()) return;
        event.preventDefault();
        saveResults(jobId, outcome).catch((thrown) => onFailure(AppError.from(thrown)));
      }}
      className={buttonClasses('secondary')}
    >
      <Download aria-hidden size={16} /> {children}
    </a>
  );
}
