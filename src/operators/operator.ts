import { z } from 'zod';
import type { Role } from '../http/caller.ts';

const NAME_CHARACTERS_MAX = 254;

/** Who can sign in. Times are ISO 8601. */
export interface Operator {
  id: string;
  name: string;
  role: Role;
  created_at: string;
  /** Null when they may sign in. */
  disabled_at: string | null;
  has_password: boolean;
  /** They have signed in by the OpenID provider. */
  has_oidc: boolean;
}

/** Gives a name the form it is stored in. */
export function normalName(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}

/** An e-mail address, or `admin`. */
export const operatorName = z
  .string()
  .max(NAME_CHARACTERS_MAX)
  .transform(normalName)
  .refine((name) => name === 'admin' || z.email().safeParse(name).success, 'must be an e-mail address');
