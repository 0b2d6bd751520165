import { createContext, useContext, useEffect, useRef, useState } from 'react';

type How = 'opened' | 'link' | 'back';
type Arrive = (heading: HTMLElement | null) => void;

const ArrivalContext = createContext<Arrive>(() => {});
export const ArrivalProvider = ArrivalContext;

/** Called by a page when it is there. */
export function useArrival(): Arrive {
  return useContext(ArrivalContext);
}

/**
 * Moves the focus to the heading of a page that a link led to, and the page to its top. Not when the console
 * was just opened; and after Back the browser puts the page where it was.
 */
export function useArrivals(): Arrive {
  const how = useRef<How>('opened');
  useEffect(() => {
    const back = (): void => {
      how.current = 'back';
    };
    window.addEventListener('popstate', back);
    return () => window.removeEventListener('popstate', back);
  }, []);
  const [arrive] = useState<Arrive>(() => (heading: HTMLElement | null) => {
    if (how.current !== 'opened') heading?.focus({ preventScroll: true });
    if (how.current === 'link') window.scrollTo(0, 0);
    how.current = 'link';
  });
  return arrive;
}
