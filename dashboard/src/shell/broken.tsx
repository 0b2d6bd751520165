import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';

/**
 * Holds what a page throws while it is drawn: the rest of the console stays. The commonest cause is a console
 * older than the server, whose parts are no longer there.
 */
export class Broken extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return (
      <div className="notice" data-tone="bad" role="alert">
        <div>
          <strong>This page could not be shown.</strong> Load it again: the server may have been updated.{' '}
          <span className="mono">{this.state.error.message}</span>
        </div>
        <Button color="red" onClick={() => window.location.reload()}>
          Load again
        </Button>
      </div>
    );
  }
}
