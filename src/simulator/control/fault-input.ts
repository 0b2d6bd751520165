import { FAULT_KINDS, type Fault } from '../faults/faults.ts';
import { makeRandom } from '../ids.ts';
import { ControlError, numberIn, textIn, type Control } from './control-call.ts';

const NUMBERS = ['times', 'probability', 'status', 'ms', 'seconds'] as const;
const TEXTS = ['match', 'decline_code'] as const;

/** Sets a fault; unknown words are refused, since a misspelt fault would silently never happen. */
export function addFault({ engine, body }: Control): unknown {
  const kind = FAULT_KINDS.find((known) => known === body['kind']);
  if (!kind) throw new ControlError(400, 'invalid_body', `"kind" is one of ${FAULT_KINDS.join(', ')}.`);
  const known = new Set<string>(['kind', 'when', ...NUMBERS, ...TEXTS]);
  const stranger = Object.keys(body).find((name) => !known.has(name));
  if (stranger !== undefined) throw new ControlError(400, 'invalid_body', `A fault has no "${stranger}".`);
  const when = textIn(body, 'when');
  if (when !== undefined && when !== 'before' && when !== 'during')
    throw new ControlError(400, 'invalid_body', '"when" is before or during.');
  const fault: Fault = { kind, when };
  for (const name of NUMBERS) if (body[name] !== undefined) fault[name] = numberIn(body, name);
  for (const name of TEXTS) fault[name] = textIn(body, name);
  return { id: engine.faults.add(fault), ...fault };
}

/** Starts the dice of the faults anew, so that a run can be had again. */
export function seedFaults({ engine, body }: Control): unknown {
  const seed = textIn(body, 'seed');
  if (seed === undefined || seed === '')
    throw new ControlError(400, 'invalid_body', '"seed" must be a text that is not empty.');
  engine.faults.reseed(makeRandom(seed));
  return { seed };
}
