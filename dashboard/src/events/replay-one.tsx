import type { EventDetail } from '../../../generated/contract.d.ts';
import { useAction } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { useMay } from '../session/session.ts';

/** Runs an event again, after a second word. Its key says whether that would be a second time. */
export function ReplayOne({ event: { seq, status, removed, kind } }: { event: EventDetail }) {
  const mayAct = useMay('operator');
  const replay = useAction('replayEvent', {
    done: 'It is on the work list again.',
    quiet: true,
    refreshes: ['getEvent', 'listEvents'],
  });
  if (!mayAct || removed || kind === 'unreadable') return null;
  const isDone = status === 'done';
  return (
    <ConfirmButton
      label={status === 'retrying' || status === 'pending' ? 'Run it now' : 'Run it again'}
      title="Run this event again?"
      isDangerous={isDone}
      isBusy={replay.isPending}
      problem={replay.error}
      onConfirm={(close) =>
        replay.mutate({ params: { id: String(seq) }, body: { force: isDone } }, { onSuccess: close })
      }
    >
      <div>
        {isDone
          ? 'Its handlers have run already. They will really run a second time, with whatever they do.'
          : 'It runs now. What it failed with before stays on this page.'}
      </div>
    </ConfirmButton>
  );
}
