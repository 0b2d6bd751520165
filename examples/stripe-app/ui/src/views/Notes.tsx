/** @jsxImportSource react */
import { useCallback, useEffect, useState } from 'react';
import type { ExtensionContextValue } from '@stripe/ui-extension-sdk/context';
import {
  Banner,
  Box,
  Button,
  ContextView,
  Inline,
  List,
  ListItem,
  Spinner,
  TextArea,
} from '@stripe/ui-extension-sdk/ui';
import { isStaff, wordsFor, type Backend, type Note } from '../backend.ts';
import { useBackend } from '../use-backend.ts';

const TEXT_CHARACTERS_MAX = 2_000;

/** The notes on the customer or payment that the user looks at. */
export default function Notes(context: ExtensionContextValue) {
  const backend = useBackend(context);
  const object = context.environment.objectContext?.id;
  if (!object) {
    return (
      <ContextView title="Notes">
        <Box>Open a customer or a payment to see its notes.</Box>
      </ContextView>
    );
  }
  return <NotesOn key={object} object={object} backend={backend} context={context} />;
}

interface NotesOnProps {
  object: string;
  backend: Backend;
  context: ExtensionContextValue;
}

function NotesOn({ object, backend, context }: NotesOnProps) {
  const { name, notes, problem, setProblem, setNotes, load } = useNotes(backend, object);
  const add = async (text: string): Promise<boolean> => {
    try {
      const note = await backend.add(object, text);
      setNotes((known) => [note, ...(known ?? [])]);
      setProblem(null);
      return true;
    } catch (error) {
      setProblem({ title: 'The note was not added', words: wordsFor(error) });
      return false;
    }
  };
  const deleteAll = async (): Promise<void> => {
    try {
      await backend.deleteAll(object);
      setNotes([]);
      setProblem(null);
    } catch (error) {
      setProblem({ title: 'The notes were not deleted', words: wordsFor(error) });
    }
  };
  return (
    <ContextView title="Notes" description={name ?? undefined}>
      <Box css={{ stack: 'y', rowGap: 'medium' }}>
        {problem && <Problem {...problem} retry={notes === null ? load : undefined} />}
        {notes === null && !problem && <Spinner size="large" />}
        {notes !== null && (
          <>
            <NewNote add={add} />
            <NoteList notes={notes} me={context.userContext.id} locale={context.userContext.locale} />
            {notes.length > 0 && isStaff(context) && <DeleteAll count={notes.length} deleteAll={deleteAll} />}
          </>
        )}
      </Box>
    </ContextView>
  );
}

interface ProblemWords {
  title: string;
  words: string;
}

/** The notes as the backend has them: `notes` is null until it has said so. */
function useNotes(backend: Backend, object: string) {
  const [name, setName] = useState<string | null>(null);
  const [notes, setNotes] = useState<Note[] | null>(null);
  const [problem, setProblem] = useState<ProblemWords | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let gone = false;
    const read = async (): Promise<void> => {
      try {
        const answer = await backend.list(object);
        if (gone) return;
        setName(answer.name);
        setNotes(answer.notes);
      } catch (error) {
        if (!gone) setProblem({ title: 'The notes could not be read', words: wordsFor(error) });
      }
    };
    void read();
    return () => {
      gone = true;
    };
  }, [backend, object, round]);
  const load = useCallback(() => {
    setProblem(null);
    setRound((known) => known + 1);
  }, []);
  return { name, notes, problem, setProblem, setNotes, load };
}

function Problem({ title, words, retry }: ProblemWords & { retry?: (() => void) | undefined }) {
  const actions = retry && <Button onPress={retry}>Try again</Button>;
  return <Banner type="critical" title={title} description={words} actions={actions} />;
}

function NewNote({ add }: { add: (text: string) => Promise<boolean> }) {
  const [text, setText] = useState('');
  const [pending, setPending] = useState(false);
  const save = async (): Promise<void> => {
    setPending(true);
    // What was typed stays when it could not be saved.
    if (await add(text.trim())) setText('');
    setPending(false);
  };
  return (
    <Box css={{ stack: 'y', rowGap: 'small' }}>
      <TextArea
        label="New note"
        value={text}
        maxLength={TEXT_CHARACTERS_MAX}
        rows={3}
        onChange={(event) => setText(event.target.value)}
      />
      <Button
        type="primary"
        pending={pending}
        disabled={pending || text.trim() === ''}
        onPress={() => void save()}
      >
        Add note
      </Button>
    </Box>
  );
}

function NoteList({ notes, me, locale }: { notes: Note[]; me: string | undefined; locale: string }) {
  if (notes.length === 0) return <Box>No notes yet.</Box>;
  return (
    <List>
      {notes.map(({ id, text, author, created_at }) => (
        <ListItem
          key={id}
          id={id}
          title={text}
          secondaryTitle={`${author === me ? 'You' : author}, ${timeIn(locale, created_at)}`}
        />
      ))}
    </List>
  );
}

function timeIn(locale: string, time: string): string {
  return new Date(time).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Asks before it deletes: there is no way back. */
function DeleteAll({ count, deleteAll }: { count: number; deleteAll: () => Promise<void> }) {
  const [state, setState] = useState<'idle' | 'sure' | 'pending'>('idle');
  if (state === 'idle') return <Button onPress={() => setState('sure')}>Delete all notes</Button>;
  const confirm = async (): Promise<void> => {
    setState('pending');
    await deleteAll();
    setState('idle');
  };
  return (
    <Box css={{ stack: 'y', rowGap: 'small' }}>
      <Box>{count === 1 ? 'Delete this note for good?' : 'Delete all notes on this page for good?'}</Box>
      <Inline css={{ stack: 'x', columnGap: 'small' }}>
        <Button type="destructive" pending={state === 'pending'} onPress={() => void confirm()}>
          Delete
        </Button>
        <Button disabled={state === 'pending'} onPress={() => setState('idle')}>
          Keep
        </Button>
      </Inline>
    </Box>
  );
}
