import { Component, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

interface ErrorBoundaryProps {
  /** A changed value clears the error, for example after navigation. */
  resetKey?: string;
  /** Replaces content that fails to render; a notice by default. */
  fallback?: ReactNode;
  children: ReactNode;
}

/** Shows a notice or its fallback if its content fails to render, for example because a lazy part of the web UI did not download. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidUpdate({ resetKey }: ErrorBoundaryProps) {
    if (this.state.hasFailed && resetKey !== this.props.resetKey) this.setState({ hasFailed: false });
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    if (this.props.fallback !== undefined) return this.props.fallback;
    return (
      <div className="mx-auto w-full max-w-190 flex-1 p-4 sm:p-6">
        <Notice
          severity="bad"
          title="Could not display this part of the page"
          actions={<Button onClick={() => location.reload()}>Reload page</Button>}
        />
      </div>
    );
  }
}
