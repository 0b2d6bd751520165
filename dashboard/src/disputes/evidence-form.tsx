import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Answer } from '../api/client.ts';
import { useAction } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import * as fields from './fields.ts';
import { FileField } from './file-field.tsx';

type Evidence = Answer<'getDisputeEvidence'>;
type Texts = Partial<Record<fields.TextField, string>>;

// Beyond that, lines are hard to read.
const FORM_WIDTH_MAX = '48rem';
const REFRESHED = ['getDispute', 'getDisputeEvidence', 'listDisputes'] as const;

export interface EvidenceFormProps {
  dispute: Pick<Answer<'getDispute'>, 'id' | 'helps'>;
  evidence: Evidence;
}

/** Evidence in words and files: kept at Stripe as a draft, and submitted once. */
export function EvidenceForm({ dispute: { id, helps }, evidence }: EvidenceFormProps) {
  const [edited, setEdited] = useState<Texts>({});
  const kept = Object.fromEntries(evidence.texts.map(({ field, text }) => [field, text])) as Texts;
  const save = useAction('sendDisputeEvidence', {
    done: ({ status }) =>
      status.endsWith('needs_response') ? 'The draft is kept.' : 'Submitted: the bank decides now.',
    refreshes: REFRESHED,
    onDone: () => setEdited({}),
  });
  const changed = Object.fromEntries(
    Object.entries(edited).filter(([field, text]) => text !== (kept[field as fields.TextField] ?? '')),
  );
  const isChanged = Object.keys(changed).length > 0;
  const error = sizeError({ ...kept, ...edited });
  const send = (submit: boolean): void =>
    save.mutate({ params: { id }, body: { evidence: changed, submit } });
  const { first, rest } = fields.sorted(helps);
  const shown = { id, evidence, texts: { ...kept, ...edited } };
  const edit = (field: fields.TextField, text: string): void =>
    setEdited((before) => ({ ...before, [field]: text }));
  return (
    <Stack gap="md" maw={FORM_WIDTH_MAX}>
      <Fields {...shown} names={first} edit={edit} />
      <details>
        <summary className="link">Other evidence ({rest.length} fields)</summary>
        <Stack gap="md" mt="md">
          <Fields {...shown} names={rest} edit={edit} />
        </Stack>
      </details>
      {error && (
        <div className="notice" data-tone="bad" role="alert">
          <div>{error}</div>
        </div>
      )}
      <Group>
        <Button
          variant="default"
          disabled={!isChanged || error !== null}
          loading={save.isPending}
          onClick={() => send(false)}
        >
          Keep as a draft
        </Button>
        <Submit
          isReady={error === null}
          isBusy={save.isPending}
          filled={filledIn(shown)}
          send={() => send(true)}
        />
        <span className="soft" role="status">
          {isChanged ? 'There are changes that are not kept yet.' : ''}
        </span>
      </Group>
    </Stack>
  );
}

interface Shown {
  id: string;
  evidence: Evidence;
  texts: Texts;
}

function Fields({
  id,
  evidence,
  texts,
  names,
  edit,
}: Shown & {
  names: readonly fields.EvidenceField[];
  edit: (field: fields.TextField, text: string) => void;
}) {
  return names.map((field) => {
    if (fields.isFileField(field)) {
      const kept = evidence.files.find((file) => file.field === field);
      return <FileField key={field} dispute={id} field={field} kept={kept} />;
    }
    const isShort = field in fields.SHORT_TEXTS;
    const words = fields.SHORT_TEXTS[field] ?? fields.LONG_TEXTS[field];
    const text = texts[field] ?? '';
    const max = isShort ? fields.SHORT_CHARACTERS_MAX : fields.LONG_CHARACTERS_MAX;
    const common = {
      label: words?.label ?? field,
      description: words?.hint,
      value: text,
      error:
        text.length > max ? `At most ${max.toLocaleString('en')} characters; it has ${text.length}.` : null,
    };
    return isShort ? (
      <TextInput key={field} {...common} onChange={(event) => edit(field, event.currentTarget.value)} />
    ) : (
      <Textarea
        key={field}
        {...common}
        autosize
        minRows={2}
        maxRows={14}
        onChange={(event) => edit(field, event.currentTarget.value)}
      />
    );
  });
}

interface SubmitProps {
  isReady: boolean;
  isBusy: boolean;
  /** Names of all that is there. */
  filled: readonly string[];
  send: () => void;
}

function Submit({ isReady, isBusy, filled, send }: SubmitProps) {
  return (
    <ConfirmButton
      label="Submit to the bank"
      title="Submit the evidence?"
      variant="filled"
      disabled={!isReady || filled.length === 0}
      isBusy={isBusy}
      onConfirm={(close) => {
        send();
        close();
      }}
    >
      <div>The bank gets it once. Afterwards nothing can be added or changed.</div>
      <div>
        It holds {filled.length} {filled.length === 1 ? 'part' : 'parts'}: {filled.join(', ')}.
      </div>
    </ConfirmButton>
  );
}

function filledIn({ evidence, texts }: Shown): string[] {
  const written = Object.entries(texts).flatMap(([field, text]) =>
    text ? [fields.labelOf(field as fields.TextField)] : [],
  );
  return [...written, ...evidence.files.map(({ field }) => fields.labelOf(field))];
}

function sizeError(texts: Texts): string | null {
  const lengths = Object.entries(texts).map(([field, text]) => ({ field, length: text.length }));
  const tooLong = lengths.some(
    ({ field, length }) =>
      length > (field in fields.SHORT_TEXTS ? fields.SHORT_CHARACTERS_MAX : fields.LONG_CHARACTERS_MAX),
  );
  if (tooLong) return 'A text is too long. Shorten it, or send it as a file.';
  const all = lengths.reduce((sum, { length }) => sum + length, 0);
  const most = fields.ALL_CHARACTERS_MAX.toLocaleString('en');
  return all > fields.ALL_CHARACTERS_MAX
    ? `All texts together may have ${most} characters. Send some of them as files.`
    : null;
}
