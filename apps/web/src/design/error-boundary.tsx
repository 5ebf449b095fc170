import { clsx } from 'clsx';
import { Component, type ReactNode } from 'react';
import { FailureNotice } from './failure-notice.tsx';

interface ErrorBoundaryProps {
  /** A changed value clears the error, for example after navigation. */
  resetKey?: string;
  /** Replaces content that fails to render; a notice with a retry by default. */
  fallback?: ReactNode;
  /** Where the notice appears: instead of the content, or above the page. */
  placement?: 'inline' | 'overlay';
  /** Called before the content renders again. */
  onRetry?: () => void;
  children: ReactNode;
}

interface ErrorBoundaryState {
  hasFailed: boolean;
  error: unknown;
}

/** Shows a notice or its fallback if its content fails to render, for example because a lazy part of the web UI did not download. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { hasFailed: false, error: undefined };

  static getDerivedStateFromError(error: unknown): ErrorBoundaryState {
    return { hasFailed: true, error };
  }

  override componentDidUpdate({ resetKey }: ErrorBoundaryProps) {
    if (this.state.hasFailed && resetKey !== this.props.resetKey) this.setState({ hasFailed: false });
  }

  retry = (): void => {
    this.props.onRetry?.();
    this.setState({ hasFailed: false });
  };

  override render() {
    const { children, fallback, placement = 'inline' } = this.props;
    if (!this.state.hasFailed) return children;
    if (fallback !== undefined) return fallback;
    return (
      <div
        className={clsx(
          'mx-auto w-full max-w-190 p-4',
          placement === 'inline' ? 'flex-1 sm:p-6' : 'fixed inset-x-0 bottom-28 z-20 *:bg-bg *:shadow-xl',
        )}
      >
        <FailureNotice error={this.state.error} onRetry={this.retry} />
      </div>
    );
  }
}
