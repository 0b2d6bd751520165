/** Names of CSS classes for the states of an element, as `elements.create(kind, { classes })` takes them. */
export interface ElementClasses {
  base?: string;
  complete?: string;
  empty?: string;
  focus?: string;
  invalid?: string;
}

type State = 'complete' | 'empty' | 'focus' | 'invalid';

/** Shows an element's state as CSS classes of the node that it is mounted on, so that a page can style it. */
export class StateClasses {
  readonly #names: Required<ElementClasses>;
  #node: HTMLElement | null = null;

  constructor(names: ElementClasses = {}) {
    const state = (name: State): string => names[name] ?? `StripeElement--${name}`;
    this.#names = {
      base: names.base ?? 'StripeElement',
      complete: state('complete'),
      empty: state('empty'),
      focus: state('focus'),
      invalid: state('invalid'),
    };
  }

  attach(node: HTMLElement): void {
    this.#node = node;
    node.classList.add(...split(this.#names.base));
    this.set({ empty: true });
  }

  detach(node: HTMLElement): void {
    for (const name of Object.values(this.#names)) node.classList.remove(...split(name));
    this.#node = null;
  }

  /** Sets the states that are named, and leaves the others. */
  set(states: Partial<Record<State, boolean>>): void {
    for (const [state, on] of Object.entries(states))
      for (const name of split(this.#names[state as State])) this.#node?.classList.toggle(name, on);
  }
}

function split(names: string): string[] {
  return names.split(/\s+/).filter((name) => name !== '');
}
