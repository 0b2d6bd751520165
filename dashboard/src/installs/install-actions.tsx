import type { Answer } from '../api/client.ts';
import { useAction } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { Time } from '../parts/time.tsx';
import { useMay, useSession } from '../session/session.ts';

type Install = Answer<'getInstall'>;

const AT_STRIPE: Record<string, string> = {
  uninstalled: 'The install has ended, at Stripe too.',
  not_installed: 'The install has ended; Stripe had none any more.',
  refused: 'The install has ended here, but Stripe refused to end it there.',
  not_asked: 'The install has ended here; Stripe was not asked.',
};

/** Ends an install by hand. */
export function End({ install: { id, account, status, livemode } }: { install: Install }) {
  const isAllowed = useMay('admin');
  const { livemode: own } = useSession();
  const end = useAction('endInstall', {
    done: ({ stripe: { outcome, message } }) => [AT_STRIPE[outcome], message].filter(Boolean).join(' '),
    quiet: true,
  });
  if (!isAllowed || status !== 'installed' || livemode !== own) return null;
  return (
    <ConfirmButton
      label="End the install"
      title="End the install?"
      isDangerous
      isBusy={end.isPending}
      problem={end.error}
      onConfirm={(close) => end.mutate({ params: { id } }, { onSuccess: close })}
    >
      <div>
        Nobody of {account} is let in any more, and its jobs stop. Its data stay for the days of grace, in
        case it comes back.
      </div>
    </ConfirmButton>
  );
}

/** Removes what is kept, without waiting. */
export function RemoveData({
  install: { id, account, status, remove_at: at, livemode },
}: {
  install: Install;
}) {
  const isAllowed = useMay('admin');
  const { livemode: own } = useSession();
  const remove = useAction('removeInstallData', { done: 'The data are removed.', quiet: true });
  if (!isAllowed || status !== 'uninstalled' || livemode !== own) return null;
  return (
    <ConfirmButton
      label="Remove the data now"
      title="Remove the data now?"
      isDangerous
      isBusy={remove.isPending}
      problem={remove.error}
      onConfirm={(close) => remove.mutate({ params: { id } }, { onSuccess: close })}
    >
      <div>
        Secrets, tokens, queued jobs and bodies of events of {account} go for good. By itself it happens{' '}
        <Time at={at} />.
      </div>
    </ConfirmButton>
  );
}
