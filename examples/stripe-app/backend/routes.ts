import { needsRole, type AppRoutes } from 'quittance';
import { addNote, deleteNotesOn, notesOn } from './notes.ts';
import { SLACK_SECRET, slackAddress } from './slack.ts';
import { nameOf, objectIn } from './subject.ts';

type App = Parameters<AppRoutes>[0];

const TEXT_CHARACTERS_MAX = 2_000;
/** Who may delete what others wrote, and say where the app speaks. Stripe vouches for these names. */
const staffOnly = needsRole('admin', 'super_admin');

/** The addresses that the views call, below `/apps`. Whoever gets here was verified. */
export const routes: AppRoutes = (app) => {
  addNotes(app);
  addSlack(app);
};

function addNotes(app: App): void {
  app.post('/notes/list', async (context) => {
    const { verified, install, stripe, sql } = context.var.app;
    const object = objectIn(verified.payload);
    if (object === null) return problem('invalid_object', NO_OBJECT);
    return context.json({
      name: await nameOf(stripe, object),
      notes: await notesOn(sql, install.id, object),
    });
  });

  app.post('/notes/add', async (context) => {
    const { verified, install, sql, enqueue } = context.var.app;
    const object = objectIn(verified.payload);
    if (object === null) return problem('invalid_object', NO_OBJECT);
    const text = textIn(verified.payload);
    if (text === null) return problem('invalid_text', NO_TEXT);
    const note = await addNote(sql, install.id, { object, author: verified.userId, text });
    await enqueue('tell-slack', { object });
    return context.json({ note }, 201);
  });

  app.post('/notes/delete-all', staffOnly, async (context) => {
    const { verified, install, sql } = context.var.app;
    const object = objectIn(verified.payload);
    if (object === null) return problem('invalid_object', NO_OBJECT);
    return context.json({ deleted: await deleteNotesOn(sql, install.id, object) });
  });
}

function addSlack(app: App): void {
  app.post('/slack/get', async (context) => {
    // The address itself stays here: it is as good as a password.
    const known = await context.var.app.secrets.get(SLACK_SECRET);
    return context.json({ connected: known !== null });
  });

  app.post('/slack/set', staffOnly, async (context) => {
    const { verified, secrets } = context.var.app;
    const { url } = verified.payload;
    if (url === '') {
      await secrets.delete(SLACK_SECRET);
      return context.json({ connected: false });
    }
    const address = slackAddress(url);
    if (address === null) return problem('invalid_url', NO_SLACK);
    await secrets.set(SLACK_SECRET, address);
    return context.json({ connected: true });
  });
}

const NO_OBJECT = 'Send "object": the id of a customer or a payment.';
const NO_TEXT = `Send "text": 1 to ${TEXT_CHARACTERS_MAX} characters.`;
const NO_SLACK = 'Send "url": an incoming webhook, https://hooks.slack.com/services/…, or "" for none.';

/** The note without blanks around it; null when there is none, too much, or a NUL, which no table takes. */
function textIn({ text }: Record<string, unknown>): string | null {
  if (typeof text !== 'string' || text.includes('\0')) return null;
  const trimmed = text.trim();
  return trimmed.length > 0 && trimmed.length <= TEXT_CHARACTERS_MAX ? trimmed : null;
}

function problem(code: string, detail: string): Response {
  const status = 400;
  const body = JSON.stringify({ type: 'about:blank', title: 'Bad Request', status, code, detail });
  return new Response(body, { status, headers: { 'content-type': 'application/problem+json' } });
}
