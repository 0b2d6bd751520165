/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (): void => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

/** Resolves when the parent that forked us has gone; never when nobody forked us. Call first thing. */
export function untilParentGone(): Promise<void> {
  return new Promise((resolve) => {
    process.once('disconnect', resolve);
    if (isOrphan()) resolve(); // it went before we could listen, and will not go a second time
  });
}

/** True when we were forked, and the parent is gone: `send` stays, the connection does not. */
export function isOrphan(): boolean {
  return process.send !== undefined && !process.connected;
}
