import { useEffect, useRef, useState, type RefObject } from 'react';

/** Lets a file be dropped on an element. Choosing one by a button does the same, for who can't drag. */
export function useDrop<Target extends HTMLElement>(
  take: (file: File) => void,
): { target: RefObject<Target | null>; isOver: boolean } {
  const target = useRef<Target>(null);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const leaving = new AbortController();
    const listen = (type: 'dragover' | 'dragleave' | 'drop', over: boolean): void =>
      target.current?.addEventListener(
        type,
        (event) => {
          event.preventDefault();
          setOver(over);
          const file = type === 'drop' ? event.dataTransfer?.files[0] : undefined;
          if (file) take(file);
        },
        { signal: leaving.signal },
      );
    listen('dragover', true);
    listen('dragleave', false);
    listen('drop', false);
    return () => leaving.abort();
  }, [take]);
  return { target, isOver };
}
