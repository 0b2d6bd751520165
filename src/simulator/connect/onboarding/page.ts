import type Stripe from 'stripe';
import { notice, redirect } from '../../pages/layout.ts';
import { Realm } from '../../realm.ts';
import { StripeError } from '../../server/errors.ts';
import type { WebAnswer, WebRequest } from '../../server/http.ts';
import type { SiteParts } from '../../site.ts';
import { accountOf, dossierOf } from '../directory.ts';
import type { Dossier } from '../dossier.ts';
import { changeAccount } from '../make-account.ts';
import { requestUsual } from '../ready.ts';
import { announceReturn } from '../v2-events.ts';
import { applyAnswers } from './answers.ts';
import { changeVisit, follow, PASS_KINDS, visitOf, type Pass } from './links.ts';
import { inOrder, questionsFor, stepOf, STEPS, type Question, type StepName } from './questions.ts';
import { form, review, signIn } from './view.ts';

const LINK_PATH = /^\/setup\/[ecs]\/[^/]+\/([^/]+)$/;
/** docs.stripe.com/connect/testing: the code that every test phone is sent. */
const TEST_CODE = '000000';

/** An owner on their way through onboarding. */
interface Visit {
  realm: Realm;
  pass: Pass;
  account: Stripe.Account;
}

/** Stripe's hosted onboarding: a link's address lets in once, everything after it is the visit's. */
export function onboardingPage({ engine }: SiteParts, request: WebRequest): WebAnswer {
  const link = LINK_PATH.exec(request.path)?.[1];
  const id = link ?? request.path.split('/').at(-1) ?? '';
  const row = engine.store.find(link === undefined ? PASS_KINDS.visit : PASS_KINDS.link, id);
  if (!row) return unknown();
  const realm = new Realm(engine, row, null);
  return engine.store.transaction(() =>
    link === undefined ? answerVisit(realm, id, request) : enter(realm, link, request),
  );
}

/** A page that was merely looked at in advance, as mail programs do, does not use up the link. */
function enter(realm: Realm, link: string, request: WebRequest): WebAnswer {
  if (request.method === 'HEAD') return notice('Onboarding', 'Open this link to go on.');
  const { pass, refreshUrl } = follow(realm, link);
  if (!pass || !accountOf(realm, pass.account)) return refreshUrl ? redirect(refreshUrl) : unknown();
  return redirect(`/setup/visit/${pass.id}`);
}

function answerVisit(realm: Realm, id: string, request: WebRequest): WebAnswer {
  const pass = visitOf(realm, id);
  const account = pass && accountOf(realm, pass.account);
  if (!pass || !account) return unknown();
  if (pass.expires_at <= realm.now) return redirect(pass.refreshUrl);
  if (dossierOf(realm, account.id).rejected !== null) return redirect(pass.refreshUrl);
  const visit = { realm, pass, account };
  if (request.method !== 'POST') return pass.signedIn ? show(visit) : signIn(pass, account, null);
  const typed = new URLSearchParams(request.body);
  return pass.signedIn ? answer(visit, typed) : authenticate(visit, typed);
}

function authenticate(visit: Visit, typed: URLSearchParams): WebAnswer {
  const { realm, pass, account } = visit;
  const code = (typed.get('use_code') ?? typed.get('code'))?.replace(/\D/g, '');
  if (code !== TEST_CODE) return signIn(pass, account, 'This code is wrong. In test mode it is 000-000.');
  changeVisit(realm, pass, { signedIn: true });
  const email = typed.get('email') ?? '';
  if (email !== '' && account.email === null) attempt(() => changeAccount(realm, account, { email }));
  requestUsual(realm, account.id);
  return redirect(`/setup/visit/${pass.id}`);
}

function answer(visit: Visit, typed: URLSearchParams): WebAnswer {
  const { realm, pass, account } = visit;
  const step = typed.get('step') ?? '';
  if (step === 'review') return finish(visit);
  const name = STEPS.find((each) => each === step);
  if (!name) return show(visit);
  const questions = questionsOf(visit).get(name) ?? [];
  const filled = new Map(questions.map((each) => [each.name, (typed.get(each.name) ?? '').trim()]));
  if (typed.get('fill') !== null)
    return form(pass, name, questions, { values: testValues(questions), errors: new Map(), alert: null });
  const empty = [...filled].filter(([, value]) => value === '').map(([each]) => [each, 'Required'] as const);
  const problems = (alert: string | null, errors = new Map<string, string>()): WebAnswer =>
    form(pass, name, questions, { values: filled, errors, alert }, 422);
  if (empty.length > 0) return problems(null, new Map(empty));
  const trouble = attempt(() => applyAnswers(realm, account, filled));
  return trouble ? problems(trouble.message) : redirect(`/setup/visit/${pass.id}`);
}

/** The owner agrees to the terms: what is due afterwards is due, but onboarding is over. */
function finish({ realm, pass, account }: Visit): WebAnswer {
  realm.platform.conceal('account', account.id, { submitted: true } satisfies Partial<Dossier>);
  changeAccount(realm, account, { tos_acceptance: { date: realm.now, ip: '127.0.0.1', user_agent: null } });
  changeVisit(realm, pass, { expires_at: realm.now });
  if (pass.v2) announceReturn(realm, account.id);
  return redirect(pass.returnUrl);
}

function show(visit: Visit): WebAnswer {
  const { pass, account, realm } = visit;
  const asked = questionsOf(visit);
  const next = STEPS.find((step) => asked.has(step));
  if (!next) return review(pass, account);
  const { requirements } = realm.platform.need('account', account.id);
  const refused = (requirements?.errors ?? []).map(
    ({ requirement, reason }) => [requirement, reason] as const,
  );
  return form(pass, next, asked.get(next) ?? [], {
    values: new Map(),
    errors: new Map(refused),
    alert: null,
  });
}

/** What is due, as questions by page; one person at a time. */
function questionsOf({ realm, pass, account }: Visit): Map<StepName, Question[]> {
  const { requirements } = realm.platform.need('account', account.id);
  const due = (pass.eventually ? requirements?.eventually_due : requirements?.currently_due) ?? [];
  const asked = new Map<StepName, Question[]>();
  const one = due.find((field) => stepOf(field) === 'person')?.split('.')[0];
  for (const field of due) {
    const step = stepOf(field);
    if (step === undefined || (step === 'person' && field.split('.')[0] !== one)) continue;
    asked.set(step, [...(asked.get(step) ?? []), ...questionsFor(field, account.country ?? 'US')]);
  }
  return new Map([...asked].map(([step, questions]) => [step, inOrder(questions)]));
}

function testValues(questions: readonly Question[]): Map<string, string> {
  return new Map(questions.map(({ name, test }) => [name, test]));
}

function attempt(work: () => void): StripeError | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof StripeError) return thrown;
    throw thrown;
  }
}

function unknown(): WebAnswer {
  const text = 'This link was mistyped, or the simulator was reset since. Ask the platform for a new one.';
  return notice('This link is not valid', text, undefined, 404);
}
