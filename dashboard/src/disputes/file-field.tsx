import { Button, FileButton, Input } from '@mantine/core';
import { IconFileCheck, IconUpload } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { Answer } from '../api/client.ts';
import { useAction } from '../api/hooks.ts';
import { Time } from '../parts/time.tsx';
import { FILES, type FileField as Field } from './fields.ts';
import { FILE_TYPES, refusalOf } from './file-check.ts';
import { useDrop } from './use-drop.ts';

type Kept = Answer<'getDisputeEvidence'>['files'][number];

/** A file of the evidence: dropped here or chosen, it goes to Stripe at once, and is not yet submitted. */
export function FileField({
  dispute,
  field,
  kept,
}: {
  dispute: string;
  field: Field;
  kept?: Kept | undefined;
}) {
  const id = useId();
  const [error, setError] = useState<string | null>(null);
  const upload = useAction('sendDisputeFile', {
    done: `${FILES[field].label}: the file is kept, and not yet submitted.`,
    refreshes: ['getDispute', 'getDisputeEvidence', 'listDisputes'],
    quiet: true,
  });
  const send = async (file: File | null): Promise<void> => {
    if (!file || upload.isPending) return;
    const refusal = await refusalOf(file);
    setError(refusal);
    if (refusal !== null) return;
    const body = new FormData();
    body.append('field', field);
    body.append('file', file);
    upload.mutate({ params: { id: dispute }, body });
  };
  const { target, isOver } = useDrop<HTMLDivElement>((file) => void send(file));
  const { label, hint } = FILES[field];
  const problem = error ?? upload.error?.message;
  return (
    <div ref={target} className="file-field" data-over={isOver} role="group" aria-labelledby={id}>
      <div className="head">
        <div>
          <Input.Label component="div" id={id}>
            {label}
          </Input.Label>
          {hint && <Input.Description>{hint}</Input.Description>}
          {kept && <KeptFile kept={kept} />}
          {problem && (
            <div role="alert" className="tone" data-tone="bad">
              {problem}
            </div>
          )}
        </div>
        <FileButton accept={FILE_TYPES} onChange={(file) => void send(file)}>
          {(button) => (
            <Button
              {...button}
              variant="default"
              loading={upload.isPending}
              leftSection={<IconUpload size={16} aria-hidden />}
              aria-label={`${kept ? 'Replace the file' : 'Choose a file'}: ${label}`}
            >
              {kept ? 'Replace the file' : 'Choose a file'}
            </Button>
          )}
        </FileButton>
      </div>
    </div>
  );
}

/** What Stripe has. */
export function KeptFile({ kept: { type, bytes, uploaded_at: at } }: { kept: Kept }) {
  return (
    <div className="tone" data-tone="good">
      <IconFileCheck size={16} aria-hidden /> {type?.toUpperCase() ?? 'File'}, {sizeOf(bytes)},{' '}
      <Time at={at} />
    </div>
  );
}

function sizeOf(bytes: number): string {
  const kilobytes = bytes / 1024;
  return kilobytes < 1024
    ? `${Math.max(1, Math.round(kilobytes))} KB`
    : `${(kilobytes / 1024).toFixed(1)} MB`;
}
