import { QuittanceError } from '../errors.ts';

/** Nothing is written for an install whose data were removed. */
export function notKept(install: string): QuittanceError {
  return new QuittanceError({
    code: 'not_installed',
    message: `The data of install ${install} were removed: nothing is kept for it any more.`,
  });
}
