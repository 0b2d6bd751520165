import type { Complaint } from './card-input.ts';
import type { Values } from './frame-fields.ts';

/** What the frames of one group show each other; the page around them, of another origin, can't see it. */
export interface GroupMember {
  group: string;
  kind: string;
  values: () => Values;
  /** Shows everything that is wrong, and says what comes first. */
  showAll: () => Complaint | undefined;
}

interface Shared {
  quittanceElement?: GroupMember;
}

/** The elements that are one card together, in the order in which their mistakes are named. */
const CARD_PARTS = ['cardNumber', 'cardExpiry', 'cardCvc'];

export function join(member: GroupMember): void {
  (window as Shared).quittanceElement = member;
}

/** An element's own frame and, for a part of a card, the frames with the other parts. */
export function membersWith(own: GroupMember): GroupMember[] {
  if (!CARD_PARTS.includes(own.kind)) return [own];
  const members = Array.from({ length: parent.frames.length }, (_, index) => memberOf(parent.frames[index]));
  return members
    .filter((each) => each !== undefined)
    .filter(({ group, kind }) => group === own.group && CARD_PARTS.includes(kind))
    .toSorted((a, b) => CARD_PARTS.indexOf(a.kind) - CARD_PARTS.indexOf(b.kind));
}

/** Frames of other origins throw when they are looked into; they are none of ours. */
function memberOf(frame: Window | undefined): GroupMember | undefined {
  try {
    return (frame as Shared | undefined)?.quittanceElement;
  } catch {
    return undefined;
  }
}
