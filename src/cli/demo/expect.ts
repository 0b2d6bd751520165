/** Throws when something is not as the demo says: then the step was not verified. */
export function expect(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}
