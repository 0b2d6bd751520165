import { useEffect, useEffectEvent, useState } from 'react';
import { addressOf, type Asked, type OperationId } from './client.ts';
import { useClient } from './hooks.ts';

const RETRY_MS_FIRST = 1_000;
const RETRY_MS_MAX = 30_000;

export type LiveState = 'live' | 'connecting' | 'paused';

export interface LiveOptions {
  /** By the name of the message; gets its data. */
  on: Record<string, (data: unknown) => void>;
  /** Called when the stream is open: what happened before has to be read. */
  onOpen?: () => void;
  enabled?: boolean;
}

/**
 * Listens to an operation that answers with server-sent events, and goes on listening when the connection is
 * lost. A page that nobody sees lets go: a browser has six connections for all its tabs.
 */
export function useLive<Id extends OperationId>(
  id: Id,
  asked: Asked<Id>,
  { on, onOpen, enabled = true }: LiveOptions,
): LiveState {
  const [state, setState] = useState<LiveState>('connecting');
  const address = addressOf(id, asked);
  const { recheck } = useClient();
  const open = useEffectEvent(() => onOpen?.());
  const message = useEffectEvent((name: string, data: unknown) => on[name]?.(data));
  const names = Object.keys(on).join(' ');
  useEffect(
    () =>
      enabled
        ? listen(address, names.split(' '), {
            state: setState,
            open: () => open(),
            message: (name, data) => message(name, data),
            lost: recheck,
          })
        : undefined,
    [address, names, enabled, recheck],
  );
  return enabled ? state : 'paused';
}

interface Listener {
  state: (state: LiveState) => void;
  open: () => void;
  message: (name: string, data: unknown) => void;
  lost: () => void;
}

function listen(address: string, names: string[], listener: Listener): () => void {
  let source: EventSource | null = null;
  let timer: number | undefined;
  let retryMs = RETRY_MS_FIRST;
  const close = (): void => {
    window.clearTimeout(timer);
    source?.close();
    source = null;
  };
  const open = (): void => {
    close();
    if (document.hidden) return listener.state('paused');
    listener.state('connecting');
    source = new EventSource(address);
    source.addEventListener('open', () => {
      retryMs = RETRY_MS_FIRST;
      listener.state('live');
      listener.open();
    });
    // The browser tries again only after some failures, and never after an answer like 503 or 401.
    source.addEventListener('error', () => {
      close();
      listener.state('connecting');
      listener.lost();
      timer = window.setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
    });
    for (const name of names)
      source.addEventListener(name, ({ data }: MessageEvent<string>) =>
        listener.message(name, JSON.parse(data)),
      );
  };
  open();
  document.addEventListener('visibilitychange', open);
  return () => {
    document.removeEventListener('visibilitychange', open);
    close();
  };
}
