/**
 * The same stream, until `isAllowed` says no: whoever watches was let in when they began, and their session
 * may end meanwhile. What can't be found out just now changes nothing.
 */
export function whileAllowed(
  response: Response,
  isAllowed: () => Promise<boolean>,
  everyMs: number,
): Response {
  const { body } = response;
  if (!response.ok || !body) return response;
  const reader = body.getReader();
  const look = async (): Promise<void> => {
    if (!(await isAllowed())) await end();
  };
  const timer = setInterval(() => void look().catch(() => {}), everyMs).unref();
  const end = (reason?: unknown): Promise<void> => {
    clearInterval(timer);
    return reader.cancel(reason);
  };
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        clearInterval(timer);
        throw error;
      });
      if (!done) return controller.enqueue(value);
      clearInterval(timer);
      return controller.close();
    },
    cancel: end,
  });
  return new Response(stream, response);
}
